import { DataError, defineTransform, string } from '@tributary/api';
import { PACKAGE, replaceNullWithDefault, VERSION } from './common-keys.ts';
import { fieldAt, fieldSyntaxVersion, mapReader, parseFieldPath, structReader } from './field-path.ts';
import { KEY, perSchema, requireMap, requireStruct, type Side, VALUE } from './side.ts';

const config = {
  field: string({ doc: "The field that is taken out; with 'field.syntax.version' V2, a path to it." }),
  ...replaceNullWithDefault,
  ...fieldSyntaxVersion,
};

const PURPOSE = 'field extraction';

const define = (side: Side) =>
  defineTransform({
    class: `${PACKAGE}.ExtractField$${side.suffix}`,
    aliases: [`ExtractField$${side.suffix}`],
    version: VERSION,
    doc: `Puts one field in the place of the record's whole ${side.suffix.toLowerCase()}. Null stays null.`,
    config,
    create(options) {
      const { field } = options;
      const steps = options['field.syntax.version'] === 'V2' ? parseFieldPath(field) : [field];
      const fromMap = mapReader(steps);
      const plan = perSchema((schema) => {
        if (schema.type !== 'struct') throw new DataError('Cannot look up fields on non-struct type');
        const found = fieldAt(schema, steps);
        if (!found) throw new DataError(`Unknown field: ${field}`);
        return { schema: found.schema, read: structReader(schema, steps, options['replace.null.with.default']) };
      });
      return (record) => {
        const schema = side.schemaOf(record);
        const value = side.valueOf(record) ?? null;
        if (schema === null)
          return side.replace(record, null, value === null ? null : fromMap(requireMap(value, PURPOSE)));
        if (value !== null) requireStruct(schema, value, PURPOSE);
        const { schema: fieldSchema, read } = plan(schema);
        return side.replace(record, fieldSchema, read(value));
      };
    },
  });

export const extractFieldKey = define(KEY);
export const extractFieldValue = define(VALUE);
