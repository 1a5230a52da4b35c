import { DataError, describeValue, getField, isContainer, Schema, type SinkRecord } from '@tributary/api';
import { KAFKA_PK_FIELDS, type SinkConfig } from '../config.ts';
import { epochTime } from '../convert/times.ts';

/** A field of records of one form, which becomes a column. */
export interface Field {
  readonly name: string;
  /** Null where the records have none. */
  readonly schema: Schema | null;
  /** Whether it is part of the primary key. */
  readonly key: boolean;
  /** @throws DataError for a value of `timestamp.fields.list` that is no time */
  read(record: SinkRecord): unknown;
}

/** What records with the same schemas, or the same fields, have in common. Compare by identity. */
export interface Plan {
  readonly fields: readonly Field[];
}

interface Member {
  readonly name: string;
  readonly schema: Schema | null;
}

/**
 * What becomes columns of records like this one, and which of them are the primary key, by the rules of Confluent's JDBC sink: `pk.mode`,
 * `pk.fields`, `fields.whitelist`. Records without schemas follow the same rules.
 * @throws DataError for a record without the key or the value that the config asks for
 */
export function planOf(record: SinkRecord, config: SinkConfig): Plan {
  const keys = keyFields(record, config);
  if (record.value === null) return { fields: keys };
  const fields = [...keys, ...valueFields(record, keys, config)];
  if (fields.length === 0)
    throw new DataError(
      'The record has no field to write: check fields.whitelist and pk.mode against the fields of its value',
    );
  return { fields };
}

/** The fields of a struct or of a map, by its schema if that says; null for what is neither. */
export function membersOf(container: unknown, schema: Schema | null): readonly Member[] | null {
  if (!isContainer(container)) return null;
  if (schema?.type === 'struct') return schema.fields;
  if (schema !== null && schema.type !== 'map') return null;
  return namesOf(container).map((name) => ({ name, schema: schema?.valueSchema ?? null }));
}

/** The names in a map, in whatever form. */
export function namesOf(container: object): readonly string[] {
  return container instanceof Map ? [...container.keys()].map(String) : Object.keys(container);
}

type Part = 'key' | 'value';

function keyFields(record: SinkRecord, config: SinkConfig): readonly Field[] {
  const names = config['pk.fields'];
  switch (config['pk.mode']) {
    case 'none':
      return [];
    case 'kafka':
      return coordinates(names.length === 0 ? KAFKA_PK_FIELDS : names);
    case 'record_key':
      return ofKey(record, config);
    case 'record_value': {
      const members = membersOf(record.value, record.valueSchema);
      if (members !== null) return chosen(members, names, 'value', config);
      throw new DataError(
        `pk.mode=record_value takes the primary key from the fields of the value, but the value is ${describeValue(record.value)}: use pk.mode=record_key or kafka`,
      );
    }
  }
}

function coordinates([topic, partition, offset]: readonly string[]): readonly Field[] {
  const field = (name: string | undefined, schema: Schema, read: Field['read']): Field => ({
    name: name!,
    schema,
    key: true,
    read,
  });
  return [
    field(topic, Schema.string(), (record) => record.topic),
    field(partition, Schema.int32(), (record) => record.partition),
    field(offset, Schema.int64(), (record) => record.offset),
  ];
}

function ofKey({ key, keySchema }: SinkRecord, config: SinkConfig): readonly Field[] {
  const names = config['pk.fields'];
  if (key === null)
    throw new DataError('pk.mode=record_key takes the primary key from the key of the record, which has none');
  const members = membersOf(key, keySchema);
  if (members !== null) return chosen(members, names, 'key', config);
  if (Array.isArray(key))
    throw new DataError(`The key is ${describeValue(key)}; a primary key is made of a struct or of a single value`);
  if (names.length !== 1)
    throw new DataError(
      `The key is ${describeValue(key)} and no struct, so that pk.fields must name exactly one column for it, but names ${names.length === 0 ? 'none' : names.join(', ')}`,
    );
  return [{ name: names[0]!, schema: keySchema, key: true, read: (record) => record.key }];
}

function chosen(
  members: readonly Member[],
  names: readonly string[],
  part: Part,
  config: SinkConfig,
): readonly Field[] {
  if (names.length === 0) return members.map((member) => fieldFor(member, part, true, config));
  return names.map((name) => {
    const member = members.find((candidate) => candidate.name === name);
    if (member) return fieldFor(member, part, true, config);
    throw new DataError(
      `The ${part} has no field '${name}', which pk.fields names; it has ${members.map((candidate) => candidate.name).join(', ') || 'none'}`,
    );
  });
}

function fieldFor({ name, schema }: Member, part: Part, key: boolean, config: SinkConfig): Field {
  const fallback = (key || config['replace.null.with.default'] ? schema?.default : null) ?? null;
  const plain = (record: SinkRecord): unknown => getField(record[part] as object, name) ?? fallback;
  const timed = part === 'value' && config['timestamp.fields.list'].includes(name);
  const unit = config['timestamp.precision.mode'];
  return { name, schema, key, read: timed ? (record) => timeOf(name, plain(record), unit) : plain };
}

function timeOf(name: string, value: unknown, unit: SinkConfig['timestamp.precision.mode']): unknown {
  if (value === null) return null;
  const time = epochTime(value, unit);
  if (time !== undefined) return time;
  throw new DataError(
    `Field ${name} of timestamp.fields.list is ${describeValue(value)}, and not a number of ${unit} since the epoch that SQL Server has a time for`,
  );
}

function valueFields(record: SinkRecord, keys: readonly Field[], config: SinkConfig): readonly Field[] {
  if (typeof record.value === 'string') return [textField(keys, config)];
  const members = membersOf(record.value, record.valueSchema);
  if (members === null)
    throw new DataError(
      `The value is ${describeValue(record.value)}; its fields are the columns, so it must be a struct, an object or text`,
    );
  const taken = new Set(keys.map(({ name }) => name));
  const wanted = config['fields.whitelist'];
  return members
    .filter(({ name }) => !taken.has(name) && (wanted.length === 0 || wanted.includes(name)))
    .map((member) => fieldFor(member, 'value', false, config));
}

function textField(keys: readonly Field[], config: SinkConfig): Field {
  const name = config['string.output.value.column.name'];
  const misplaced = (['fields.whitelist', 'timestamp.fields.list'] as const).filter((key) => config[key].length > 0);
  if (misplaced.length > 0)
    throw new DataError(
      `The value is text and no struct, and ${misplaced.join(' and ')} name fields of a struct: remove them, or use a converter that makes structs`,
    );
  if (keys.some((key) => key.name === name))
    throw new DataError(
      `The value is text, for the column '${name}' of string.output.value.column.name, which is part of the primary key`,
    );
  return { name, schema: Schema.string({ optional: true }), key: false, read: (record) => record.value };
}
