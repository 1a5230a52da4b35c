import { type Config, defineTransform, int, type RecordTransform, string } from '@tributary/api';
import { PACKAGE, VERSION } from './common-keys.ts';
import { flattenMap } from './flatten-map.ts';
import { flattenStructs } from './flatten-struct.ts';
import { KEY, perSchema, requireMap, requireStruct, type Side, VALUE } from './side.ts';

const ARRAYS = ['keep', 'index', 'json'] as const;

const config = {
  delimiter: string({ default: '.', doc: 'What stands between the names of the levels.' }),
  arrays: string({
    default: 'keep',
    oneOf: ARRAYS,
    importance: 'low',
    doc: "What becomes of arrays. keep: they stay as they are (Kafka's way). index: each element becomes a field of its own (tags.0, tags.1), and is flattened itself. json: the array becomes a string with its JSON.",
  }),
  'arrays.max.elements': int({
    default: null,
    min: 1,
    importance: 'low',
    doc: 'With arrays=index, the most elements that an array has; a record with more fails. Needed for records with a schema, since it makes their fields: each array has so many, null where it is shorter. Without it, records without a schema may have any number.',
  }),
};

const PURPOSE = 'flattening';

function create(side: Side, options: Config<typeof config>): RecordTransform {
  const rules = {
    delimiter: options.delimiter,
    arrays: options.arrays,
    maxElements: options['arrays.max.elements'],
  };
  const plan = perSchema((schema) => flattenStructs(schema, rules));
  return (record) => {
    const value = side.valueOf(record) ?? null;
    if (value === null) return record;
    const schema = side.schemaOf(record);
    if (schema === null) return side.replace(record, null, flattenMap(requireMap(value, PURPOSE), rules));
    const struct = requireStruct(schema, value, PURPOSE);
    const { schema: updatedSchema, flatten } = plan(schema);
    return side.replace(record, updatedSchema, flatten(struct));
  };
}

const define = (side: Side) =>
  defineTransform({
    class: `${PACKAGE}.Flatten$${side.suffix}`,
    aliases: [`Flatten$${side.suffix}`],
    version: VERSION,
    doc: `Puts the fields of nested structs and maps in the record's ${side.suffix.toLowerCase()} on one level, under names that tell the way to them.`,
    config,
    create: (options) => create(side, options),
  });

export const flattenKey = define(KEY);
export const flattenValue = define(VALUE);
