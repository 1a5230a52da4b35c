import { type Config, ConfigError, messageOf, type Props, type ReportError } from '@tributary/api';
import { arrivingTopics, listOf, tableName } from '@tributary/sink-kit';
import type { cassandraConfig } from '../config.ts';
import { BUCKETS, type Bucket, type Mapping, parseMapping } from '../mapping/parse.ts';
import { type CodecSetting, readTopicKeys, type TableKeys, type TableSetting, type TopicKeys } from './table-keys.ts';
import { TIME_UNITS, type TimeUnit, timeUnit } from './units.ts';

export const CONSISTENCY_LEVELS = [
  'ANY',
  'ONE',
  'TWO',
  'THREE',
  'QUORUM',
  'ALL',
  'LOCAL_QUORUM',
  'EACH_QUORUM',
  'LOCAL_ONE',
] as const;
export type ConsistencyLevel = (typeof CONSISTENCY_LEVELS)[number];

/** A key of a table, for creating it. */
export interface ClusteringKey {
  readonly column: string;
  readonly descending: boolean;
}

/** What the config says of one table that the records of a topic go into. */
export interface TableSettings {
  readonly topic: string;
  readonly keyspace: string;
  readonly table: string;
  /** Null: the columns are named as the fields. */
  readonly mapping: Mapping | null;
  /** The key of the config that names the table, for messages. */
  readonly key: string;
  readonly consistencyLevel: ConsistencyLevel;
  /** Seconds; null: for good. */
  readonly ttl: number | null;
  readonly ttlTimeUnit: TimeUnit;
  readonly timestampTimeUnit: TimeUnit;
  readonly nullToUnset: boolean;
  readonly deletesEnabled: boolean;
  readonly partitionKeys: readonly string[];
  readonly clusteringKeys: readonly ClusteringKey[];
  readonly bucket: Bucket | null;
  readonly codec: CodecSettings;
}

export interface CodecSettings {
  readonly timeZone: string;
  readonly timestamp: string;
  readonly date: string;
  readonly time: string;
  readonly unit: TimeUnit;
}

export type CassandraConfig = Config<typeof cassandraConfig>;

/** What the settings of all topics say. */
export interface Settings {
  /** The tables of a topic, at least one. @throws ConfigError if the config says nothing of the topic */
  tablesOf(topic: string): readonly TableSettings[];
  /** Of the topics that the config names. */
  readonly tables: readonly TableSettings[];
}

/** Reads all `topic.*` keys. What is wrong is reported under its key. */
export function readSettings(config: CassandraConfig, props: Props, report: ReportError): Settings {
  const { topics, strange } = readTopicKeys(props);
  for (const key of strange)
    report(
      key,
      `${key} is no setting of this connector: write topic.<topic>.<keyspace>.<table>.mapping or topic.<topic>.codec.<setting>; a keyspace or table with a dot in its name stands in double quotes`,
    );
  const byTopic = new Map<string, readonly TableSettings[]>();
  for (const keys of topics.values()) byTopic.set(keys.topic, topicTables(keys, config, report));
  const byConvention = (topic: string): readonly TableSettings[] => {
    const given = byTopic.get(topic);
    if (given !== undefined && given.length > 0) return given;
    if (config.keyspace === null)
      throw new ConfigError(
        `Nothing says where the records of topic ${topic} go: set keyspace, for a table named as the topic, or topic.${topic}.<keyspace>.<table>.mapping`,
      );
    const codec = codecSettings(topic, topics.get(topic)?.codec ?? {}, () => {});
    const own = [conventionTable(topic, config, codec)];
    byTopic.set(topic, own);
    return own;
  };
  const named = [...new Set([...arrivingTopics(props), ...topics.keys()])];
  const tables: TableSettings[] = [];
  for (const topic of named) {
    try {
      tables.push(...byConvention(topic));
    } catch (error) {
      report('topics', messageOf(error));
    }
  }
  return { tablesOf: byConvention, tables };
}

function conventionTable(topic: string, config: CassandraConfig, codec: CodecSettings): TableSettings {
  return {
    topic,
    keyspace: config.keyspace!,
    table: tableName(config['table.name.format'], topic),
    mapping: null,
    key: 'table.name.format',
    consistencyLevel: 'LOCAL_ONE',
    ttl: null,
    ttlTimeUnit: 'SECONDS',
    timestampTimeUnit: 'MICROSECONDS',
    nullToUnset: true,
    deletesEnabled: true,
    partitionKeys: config['partition.keys'],
    clusteringKeys: clusteringKeys(config['clustering.keys']),
    bucket: config.bucket === 'none' ? null : config.bucket,
    codec,
  };
}

function topicTables(keys: TopicKeys, config: CassandraConfig, report: ReportError): readonly TableSettings[] {
  const codec = codecSettings(keys.topic, keys.codec, report);
  return keys.tables.map((table) =>
    tableSettings(keys.topic, table, conventionTable(keys.topic, config, codec), report),
  );
}

const FLAG: Readonly<Record<string, boolean>> = { true: true, false: false };

function tableSettings(topic: string, keys: TableKeys, defaults: TableSettings, report: ReportError): TableSettings {
  const { prefix, settings } = keys;
  const read = <T>(setting: TableSetting, fallback: T, parse: (text: string) => T): T => {
    const text = settings[setting];
    if (text === undefined) return fallback;
    try {
      return parse(text);
    } catch (error) {
      report(`${prefix}${setting}`, `Invalid value ${text} for configuration ${prefix}${setting}: ${messageOf(error)}`);
      return fallback;
    }
  };
  const flag = (text: string): boolean => FLAG[text.trim().toLowerCase()] ?? fail('must be true or false');
  const ttlTimeUnit = read('ttlTimeUnit', 'SECONDS' as TimeUnit, unitOf);
  const own: TableSettings = {
    topic,
    keyspace: keys.keyspace,
    table: keys.table,
    mapping: read('mapping', null as Mapping | null, parseMapping),
    key: `${prefix}mapping`,
    consistencyLevel: read('consistencyLevel', defaults.consistencyLevel, levelOf),
    ttl: read('ttl', null as number | null, ttlOf),
    ttlTimeUnit,
    timestampTimeUnit: read('timestampTimeUnit', 'MICROSECONDS' as TimeUnit, unitOf),
    nullToUnset: read('nullToUnset', true, flag),
    deletesEnabled: read('deletesEnabled', true, flag),
    partitionKeys: read('partitionKeys', defaults.partitionKeys, listOf),
    clusteringKeys: read('clusteringKeys', defaults.clusteringKeys, (text) => clusteringKeys(listOf(text))),
    bucket: read('bucket', defaults.bucket, bucketOf),
    codec: defaults.codec,
  };
  if (settings.query !== undefined)
    report(
      `${prefix}query`,
      `${prefix}query cannot be had: what a statement of one's own does when a record comes again, nobody knows. Use ${prefix}mapping`,
    );
  return own;
}

function fail(message: string): never {
  throw new ConfigError(message);
}

const unitOf = (text: string): TimeUnit => timeUnit(text) ?? fail(`must be one of ${TIME_UNITS.join(', ')}`);

const levelOf = (text: string): ConsistencyLevel =>
  CONSISTENCY_LEVELS.find((level) => level === text.trim().toUpperCase()) ??
  fail(`must be one of ${CONSISTENCY_LEVELS.join(', ')}`);

function ttlOf(text: string): number | null {
  const value = Number(text.trim());
  if (text.trim() === '' || !Number.isInteger(value) || value < -1) return fail('must be a whole number, at least -1');
  return value === -1 ? null : value;
}

const bucketOf = (text: string): Bucket | null =>
  text.trim() === 'none'
    ? null
    : (BUCKETS.find((bucket) => bucket === text.trim()) ?? fail(`must be one of none, ${BUCKETS.join(', ')}`));

function clusteringKeys(items: readonly string[]): readonly ClusteringKey[] {
  return items.map((item) => {
    const match = /^(.*?)(?:\s+(asc|desc))?$/i.exec(item)!;
    return { column: match[1]!.trim(), descending: match[2]?.toLowerCase() === 'desc' };
  });
}

function codecSettings(
  topic: string,
  settings: Readonly<Partial<Record<CodecSetting, string>>>,
  report: ReportError,
): CodecSettings {
  const unit = timeUnit(settings.unit ?? 'MILLISECONDS');
  if (unit === undefined)
    report(
      `topic.${topic}.codec.unit`,
      `Invalid value ${settings.unit} for configuration topic.${topic}.codec.unit: must be one of ${TIME_UNITS.join(', ')}`,
    );
  return {
    timeZone: settings.timeZone ?? 'UTC',
    timestamp: settings.timestamp ?? 'CQL_TIMESTAMP',
    date: settings.date ?? 'ISO_LOCAL_DATE',
    time: settings.time ?? 'ISO_LOCAL_TIME',
    unit: unit ?? 'MILLISECONDS',
  };
}
