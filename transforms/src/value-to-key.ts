import { DataError, defineTransform, fieldOf, getField, list, Schema, setField } from '@tributary/api';
import { PACKAGE, replaceNullWithDefault, VERSION } from './common-keys.ts';
import { hashOrder } from './hash-order.ts';
import { perSchema, requireMap, requireStruct } from './side.ts';
import { mapOf, nullOf } from './struct.ts';

const PURPOSE = 'copying fields from value to key';

export const valueToKey = defineTransform({
  class: `${PACKAGE}.ValueToKey`,
  aliases: ['ValueToKey'],
  version: VERSION,
  doc: "Replaces the record's key by a struct or map of some of the value's fields.",
  config: {
    fields: list({
      importance: 'high',
      doc: "The value's fields that make the key.",
      validate: (fields) => (fields.length === 0 ? 'Empty list' : undefined),
    }),
    ...replaceNullWithDefault,
  },
  create({ fields, ...options }) {
    const inHashOrder = hashOrder(fields);
    const plan = perSchema((schema) => {
      const chosen = fields.map((name) => {
        const field = fieldOf(schema, name);
        if (!field) throw new DataError(`Field does not exist: ${name}`);
        return { name, schema: field.schema, forNull: nullOf(field.schema, options['replace.null.with.default']) };
      });
      return { chosen, schema: Schema.struct(chosen.map(({ name, schema }) => [name, schema] as const)) };
    });
    return (record) => {
      const { valueSchema, value } = record;
      if (valueSchema === null) {
        const map = requireMap(value, PURPOSE);
        const key = mapOf(inHashOrder.map((name) => [name, getField(map, name) ?? null] as const));
        return { ...record, keySchema: null, key };
      }
      const struct = requireStruct(valueSchema, value, PURPOSE);
      const { chosen, schema } = plan(valueSchema);
      const key: Record<string, unknown> = {};
      for (const { name, forNull } of chosen) setField(key, name, getField(struct, name) ?? forNull);
      return { ...record, keySchema: schema, key };
    };
  },
});
