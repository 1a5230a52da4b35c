import { ConfigError, DataError, isContainer, type Schema, type SinkRecord } from '@tributary/api';
import { fieldReader, fieldsOf, Votes } from '@tributary/sink-kit';
import type { Mapping } from '../mapping/parse.ts';
import { BUCKET_COLUMN } from '../rows/columns.ts';
import { opened } from '../rows/opened.ts';
import { isPlaceField } from '../rows/sources.ts';
import type { ClusteringKey, TableSettings } from '../settings/table-settings.ts';
import { type TypeText, typeOfSchema, typeOfValue } from './infer.ts';

type Records = readonly SinkRecord[];

/** The columns that records need, with their types. */
export type Columns = ReadonlyMap<string, TypeText>;

/** A table that could take the records. */
export interface TableShape {
  readonly columns: Columns;
  readonly partitionKeys: readonly string[];
  readonly clusteringKeys: readonly ClusteringKey[];
}

/** The columns that the records need. What is null in all of them is in none. */
export function columnsFor(settings: TableSettings, given: Records): Columns {
  const { mapping, bucket } = settings;
  const records = given.map(opened);
  const votes: TypeVotes = new Votes();
  if (mapping === null) addFields(votes, records);
  else addMapped(votes, mapping, records);
  const columns = votes.result();
  if (mapping === null && columns.size > 0) addPlace(columns, settings, records[0]!);
  if (bucket !== null && columns.size > 0 && !columns.has(BUCKET_COLUMN)) columns.set(BUCKET_COLUMN, 'text');
  return columns;
}

/** The types that values of the columns have. Those that most have are taken. */
type TypeVotes = Votes<TypeText>;

/** @throws DataError for a name that no column can have */
function vote(votes: TypeVotes, name: string, value: unknown, schema: Schema | null): void {
  if (name === '')
    throw new DataError(
      'The record has a field with an empty name, which no column can have: rename it or leave it out',
    );
  const type = schema === null ? typeOfValue(value) : typeOfSchema(schema);
  if (type !== null) votes.add(name, type);
}

/** @throws ConfigError if nothing says what the key is, DataError if none of the records has a value for it: they cannot be rows of a table that is there either */
export function shapeFor(settings: TableSettings, records: Records): TableShape {
  const columns = columnsFor(settings, records);
  const own = settings.partitionKeys.length > 0 ? settings.partitionKeys : defaultKeys(settings, records);
  const where = settings.mapping === null ? 'partition.keys' : settings.key.replace(/mapping$/, 'partitionKeys');
  if (own.length === 0)
    throw new ConfigError(
      `Nothing says what identifies a row of the table to be created: the records have no key. Set ${where}`,
    );
  const partitionKeys = settings.bucket === null || own.includes(BUCKET_COLUMN) ? own : [...own, BUCKET_COLUMN];
  const keys = [...partitionKeys, ...settings.clusteringKeys.map(({ column }) => column)];
  const absent = keys.filter((key) => !columns.has(key));
  if (absent.length > 0)
    throw new DataError(
      `The table cannot be created: its key ${absent.map((key) => `'${key}'`).join(', ')} has no value in the records, which have ${[...columns.keys()].join(', ')}. Mend ${where} or the clustering keys`,
    );
  return { columns, partitionKeys, clusteringKeys: settings.clusteringKeys };
}

/** The fields of the record's key. */
function defaultKeys({ mapping }: TableSettings, records: Records): readonly string[] {
  if (mapping !== null)
    return mapping.columns
      .filter(({ source }) => source.kind === 'field' && /^key(?:\.|$)/.test(source.path))
      .map(({ column }) => column);
  const record = records.map(opened).find(({ key }) => key !== null && key !== undefined);
  if (record === undefined) return [];
  return fieldsOf(record.key, record.keySchema)?.map(({ name }) => name) ?? ['key'];
}

function addFields(votes: TypeVotes, records: Records): void {
  let known: Schema | null = null;
  for (const record of records) {
    // Records of one schema need the same columns.
    if (record.value === null || (record.valueSchema !== null && record.valueSchema === known)) continue;
    known = record.valueSchema;
    const fields = fieldsOf(record.value, record.valueSchema) ?? [];
    for (const { name, value, schema } of fields) vote(votes, name, value, schema);
    addKey(votes, record, new Set(fields.map(({ name }) => name)));
  }
}

/** @param taken the fields of the value, which come first */
function addKey(votes: TypeVotes, { key, keySchema }: SinkRecord, taken: ReadonlySet<string>): void {
  if (isContainer(key)) {
    for (const { name, value, schema } of fieldsOf(key, keySchema) ?? [])
      if (!taken.has(name)) vote(votes, name, value, schema);
  } else if (!taken.has('key')) {
    vote(votes, 'key', key, keySchema);
  }
}

/** Keys may be made of where a record was: `event_time desc, __offset` tells ticks of one moment apart. */
function addPlace(
  columns: Map<string, TypeText>,
  { partitionKeys, clusteringKeys }: TableSettings,
  record: SinkRecord,
): void {
  for (const name of [...partitionKeys, ...clusteringKeys.map(({ column }) => column)])
    if (isPlaceField(name)) columns.set(name, typeOfSchema(fieldReader(name).schemaOf(record)!));
}

function addMapped(votes: TypeVotes, mapping: Mapping, records: Records): void {
  for (const { column, source } of mapping.columns) {
    if (source.kind === 'now') votes.add(column, 'timeuuid');
    else if (source.kind === 'bucket') votes.add(column, 'text');
    else {
      const reader = fieldReader(source.path);
      for (const record of records) vote(votes, column, reader.read(record), reader.schemaOf(record));
    }
  }
}
