import {
  boolean,
  type Config,
  ConfigError,
  DataError,
  defineTransform,
  messageOf,
  type RecordTransform,
  Schema,
  setField,
  string,
} from '@tributary/api';
import { replaceNullWithDefault } from './common-keys.ts';
import { parseJsonPath } from './json-path.ts';
import { jsonText } from './json-text.ts';
import { MISSING, type PathRules, pathReader } from './path-reader.ts';
import { KEY, perSchema, requireMap, requireStruct, type Side, VALUE } from './side.ts';
import { entrySetter, schemaBasics, structCopier } from './struct.ts';

const config = {
  path: string({
    importance: 'high',
    doc: "Where the value is: $.a.b, $.items[0].price, $['odd name'], $.items[-1] (the last one). It leads through structs, maps and arrays to one value.",
    validate(path) {
      try {
        parseJsonPath(path);
        return undefined;
      } catch (error) {
        return messageOf(error);
      }
    },
  }),
  'target.field': string({
    default: null,
    nonEmpty: true,
    importance: 'high',
    doc: 'The field of the key or value that gets what was found; one of that name is replaced. Without it, what was found takes the place of the whole.',
  }),
  'parse.json': boolean({
    default: false,
    doc: 'Whether the path goes on into text that holds JSON. What is found there has no schema; in a field of a struct it is a string, with JSON for objects and arrays.',
  }),
  'on.missing': string({
    default: 'null',
    oneOf: ['null', 'fail', 'drop'],
    doc: 'What happens where the path leads nowhere, or something on the way is null or no JSON: the result is null, the record fails, or it is dropped. A whole key or value that is null is left alone.',
  }),
  ...replaceNullWithDefault,
};

const PURPOSE = 'path extraction';

const asText = (value: unknown): string | null =>
  value === null ? null : typeof value === 'string' ? value : jsonText(null, value);

function create(side: Side, options: Config<typeof config>): RecordTransform {
  const target = options['target.field'];
  const rules: PathRules = {
    steps: parseJsonPath(options.path),
    parseJson: options['parse.json'],
    replaceNull: options['replace.null.with.default'],
  };
  if (rules.steps.length === 0 && target === null)
    throw new ConfigError("Invalid value $ for configuration path: it is the whole already; name a 'target.field'");
  const schemaless = pathReader(null, rules);
  const readers = perSchema((schema) => pathReader(schema, rules));
  const setEntry = entrySetter(target ?? '');

  const targets = perSchema((schema) => {
    if (schema.type !== 'struct') throw new DataError(`'target.field' needs a struct, found: ${schema.type}`);
    const found = readers(schema).schema;
    const own = found ?? Schema.string({ optional: true });
    const fields = schema.fields.map(({ name, schema }) => [name, name === target ? own : schema] as const);
    const isNew = schema.fields.every(({ name }) => name !== target);
    return {
      schema: Schema.struct(isNew ? [...fields, [target!, own] as const] : fields, {
        ...schemaBasics(schema),
        optional: schema.optional,
      }),
      copy: structCopier(schema, rules.replaceNull),
      shown: found === null ? asText : (value: unknown) => value,
    };
  });

  /** What is there, null in its place, or MISSING for a record to drop. */
  const found = (value: unknown, topic: string): unknown => {
    if (value !== MISSING || options['on.missing'] === 'drop') return value;
    if (options['on.missing'] === 'null') return null;
    throw new DataError(
      `The path ${options.path} leads nowhere in the ${side.suffix.toLowerCase()} of a record of topic '${topic}'`,
    );
  };

  return (record) => {
    const value = side.valueOf(record) ?? null;
    if (value === null) return record;
    const schema = side.schemaOf(record);
    const reader = schema === null ? schemaless : readers(schema);
    const result = found(reader.read(value), record.topic);
    if (result === MISSING) return null;
    if (target === null) return side.replace(record, reader.schema, result);
    if (schema === null) return side.replace(record, null, setEntry(requireMap(value, PURPOSE), result));
    const struct = requireStruct(schema, value, PURPOSE);
    const plan = targets(schema);
    const updated = plan.copy(struct);
    setField(updated, target, plan.shown(result));
    return side.replace(record, plan.schema, updated);
  };
}

const define = (side: Side) =>
  defineTransform({
    class: `tributary.transforms.ExtractPath$${side.suffix}`,
    aliases: [`ExtractPath$${side.suffix}`],
    version: '0.1.0',
    doc: `Finds one value deep inside the record's ${side.suffix.toLowerCase()} by a path, and puts it in the place of the whole or into a field.`,
    config,
    create: (options) => create(side, options),
  });

export const extractPathKey = define(KEY);
export const extractPathValue = define(VALUE);
