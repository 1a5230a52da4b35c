import {
  type Config,
  ConfigError,
  type ConnectRecord,
  DataError,
  defineTransform,
  type RecordTransform,
  Schema,
  type SinkRecord,
  setField,
  string,
} from '@tributary/api';
import { PACKAGE, replaceNullWithDefault, VERSION } from './common-keys.ts';
import { KEY, type Plain, perSchema, requireMap, requireStruct, type Side, VALUE } from './side.ts';
import { isPlainKey, schemaBasics, structCopier } from './struct.ts';

const SUFFIX = 'A ! at the end makes the field required, a ? (or nothing) optional.';

const config = {
  'topic.field': string({ default: null, doc: `The field that gets the topic. ${SUFFIX}` }),
  'partition.field': string({ default: null, doc: `The field that gets the Kafka partition. ${SUFFIX}` }),
  'offset.field': string({
    default: null,
    doc: `The field that gets the Kafka offset; for sink connectors alone. ${SUFFIX}`,
  }),
  'timestamp.field': string({ default: null, doc: `The field that gets the record's timestamp. ${SUFFIX}` }),
  'static.field': string({ default: null, doc: `The field that gets 'static.value'. ${SUFFIX}` }),
  'static.value': string({ default: null, doc: "The text for 'static.field'." }),
  ...replaceNullWithDefault,
};

const PURPOSE = 'field insertion';

interface Insertion {
  readonly name: string;
  readonly schema: Schema;
  /** The value for schemaless data; null leaves the field out. */
  plain(record: ConnectRecord): unknown;
  /** The value beside a schema. */
  typed(record: ConnectRecord): unknown;
}

function offsetOf(record: ConnectRecord): unknown {
  const { offset } = record as SinkRecord;
  if (offset === undefined) throw new DataError(`Only SinkRecord supported for [${PURPOSE}], found: a source record`);
  return offset;
}

function insertions(options: Config<typeof config>): Insertion[] {
  const list: Insertion[] = [];
  const add = (
    spec: string | null,
    schema: (options: { optional: boolean }) => Schema,
    plain: (record: ConnectRecord) => unknown,
    typed = plain,
  ): void => {
    if (spec !== null)
      list.push({ name: spec.replace(/[!?]$/, ''), schema: schema({ optional: !spec.endsWith('!') }), plain, typed });
  };
  add(options['topic.field'], Schema.string, (record) => record.topic);
  add(options['partition.field'], Schema.int32, (record) => record.partition);
  add(options['offset.field'], Schema.int64, offsetOf);
  add(
    options['timestamp.field'],
    Schema.timestamp,
    (record) => record.timestamp,
    (record) => (record.timestamp === null ? null : new Date(record.timestamp)),
  );
  add(options['static.field'], Schema.string, () => options['static.value']);
  return list;
}

function create(side: Side, options: Config<typeof config>): RecordTransform {
  const fields = insertions(options);
  if (fields.length === 0) throw new ConfigError('No field insertion configured');
  if (options['static.field'] !== null && options['static.value'] === null) {
    throw new ConfigError(
      `Invalid value null for configuration static.value: No value specified for static field: ${options['static.field']}`,
    );
  }
  const plainNames = fields.every((field) => isPlainKey(field.name));
  const plan = perSchema((schema) => ({
    schema: Schema.struct(
      [...schema.fields, ...fields].map((field) => [field.name, field.schema] as const),
      schemaBasics(schema),
    ),
    copy: structCopier(schema, options['replace.null.with.default']),
  }));

  function schemaless(record: ConnectRecord, map: Plain | ReadonlyMap<unknown, unknown>) {
    if (plainNames && !(map instanceof Map)) {
      const updated: Record<string, unknown> = { ...map };
      for (const field of fields) {
        const value = field.plain(record);
        if (value !== null) updated[field.name] = value;
      }
      return updated;
    }
    const updated = new Map<unknown, unknown>(map instanceof Map ? map : Object.entries(map));
    for (const field of fields) {
      const value = field.plain(record);
      if (value !== null) updated.set(field.name, value);
    }
    return updated;
  }

  return (record) => {
    const value = side.valueOf(record);
    if (value === null || value === undefined) return record;
    const schema = side.schemaOf(record);
    if (schema === null) return side.replace(record, null, schemaless(record, requireMap(value, PURPOSE)));
    const struct = requireStruct(schema, value, PURPOSE);
    const { schema: updatedSchema, copy } = plan(schema);
    const updated = copy(struct);
    for (const field of fields) setField(updated, field.name, field.typed(record));
    return side.replace(record, updatedSchema, updated);
  };
}

const define = (side: Side) =>
  defineTransform({
    class: `${PACKAGE}.InsertField$${side.suffix}`,
    aliases: [`InsertField$${side.suffix}`],
    version: VERSION,
    doc: `Adds fields to the record's ${side.suffix.toLowerCase()}: the topic, the partition, the offset, the timestamp, or a fixed text.`,
    config,
    create: (options) => create(side, options),
  });

export const insertFieldKey = define(KEY);
export const insertFieldValue = define(VALUE);
