import { DataError, messageOf } from '@tributary/api';
import avsc from 'avsc';

/**
 * Checks that a schema can read what is written with another.
 * @param key the config key that turns the check off
 * @throws DataError that tells what does not fit
 */
export function checkCanRead(reader: string, writer: string, key: string): void {
  try {
    const read = avsc.Type.forSchema(JSON.parse(reader), { wrapUnions: 'always' });
    read.createResolver(avsc.Type.forSchema(JSON.parse(writer), { wrapUnions: 'always' }));
  } catch (error) {
    throw new DataError(
      `The schema of the registry cannot read what the own schema of the values describes: ${messageOf(error)}. Change one of them, or set ${key}=false.`,
      { cause: error },
    );
  }
}
