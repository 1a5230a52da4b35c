import type { AvroNode, RecordNode } from './ast.ts';
import { Name } from './options.ts';
import { parseSchema } from './schema-json.ts';

const optional = (type: unknown) => ['null', type];
const field = (name: string, type: unknown) => ({ name, type: optional(type), default: null });

/** The schema that Confluent's converter writes values without a schema in: one of the fields is set, or none for null. */
export const ANYTHING = parseSchema(
  JSON.stringify({
    type: 'record',
    name: Name.anything,
    fields: [
      field('boolean', 'boolean'),
      field('bytes', 'bytes'),
      field('double', 'double'),
      field('float', 'float'),
      field('int', 'int'),
      field('long', 'long'),
      field('string', 'string'),
      field('array', { type: 'array', items: Name.anything }),
      field('map', {
        type: 'array',
        items: {
          type: 'record',
          name: 'MapEntry',
          fields: [
            { name: Name.key, type: Name.anything },
            { name: Name.value, type: Name.anything },
          ],
        },
      }),
    ],
  }),
) as RecordNode;

/** Whether a schema is {@link ANYTHING}, as it comes back from a registry. */
export const isAnything = (node: AvroNode): boolean =>
  node.kind === 'record' &&
  node.fullName === Name.anything &&
  node.fields.length === ANYTHING.fields.length &&
  node.fields.every((own, i) => own.name === ANYTHING.fields[i]!.name);
