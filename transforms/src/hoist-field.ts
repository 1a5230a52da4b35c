import { DataError, defineTransform, Schema, string } from '@tributary/api';
import { PACKAGE, VERSION } from './common-keys.ts';
import { KEY, perSchema, type Side, VALUE } from './side.ts';
import { mapOf } from './struct.ts';

const config = { field: string({ doc: 'The one field of the struct or map that is made.' }) };

const define = (side: Side) =>
  defineTransform({
    class: `${PACKAGE}.HoistField$${side.suffix}`,
    aliases: [`HoistField$${side.suffix}`],
    version: VERSION,
    doc: `Wraps the record's ${side.suffix.toLowerCase()} in a struct or map with one field.`,
    config,
    create({ field }) {
      const wrapped = perSchema((schema) => Schema.struct([[field, schema]]));
      return (record) => {
        const schema = side.schemaOf(record);
        const value = side.valueOf(record) ?? null;
        if (schema !== null && value === null && !schema.optional) {
          throw new DataError(
            `Invalid value: null used for required field: "${field}", schema type: ${schema.type.toUpperCase()}`,
          );
        }
        return schema === null
          ? side.replace(record, null, mapOf([[field, value]]))
          : side.replace(
              record,
              wrapped(schema),
              field === '__proto__' ? Object.fromEntries([[field, value]]) : { [field]: value },
            );
      };
    },
  });

export const hoistFieldKey = define(KEY);
export const hoistFieldValue = define(VALUE);
