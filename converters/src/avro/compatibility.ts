import { DataError, messageOf } from '@tributary/api';
import avsc from 'avsc';

/** Checks that a schema can read what is written with another. @throws DataError that tells what does not fit */
export function checkCanRead(reader: string, writer: string): void {
  const typeOf = (schema: string) => avsc.Type.forSchema(JSON.parse(schema), { wrapUnions: 'always' });
  try {
    typeOf(reader).createResolver(typeOf(writer));
  } catch (error) {
    throw new DataError(
      `The schema in the registry cannot read what the own schema of the values describes: ${messageOf(error)}. Change one of them, or set latest.compatibility.strict=false, or id.compatibility.strict=false with use.schema.id.`,
      { cause: error },
    );
  }
}
