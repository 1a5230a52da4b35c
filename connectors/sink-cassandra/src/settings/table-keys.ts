import type { Props } from '@tributary/api';
import { readName } from '../cql/names.ts';

/** Settings of one table of one topic: `topic.<topic>.<keyspace>.<table>.<setting>`. */
export const TABLE_SETTINGS = [
  'mapping',
  'consistencyLevel',
  'ttl',
  'ttlTimeUnit',
  'timestampTimeUnit',
  'nullToUnset',
  'deletesEnabled',
  // Known, in order to be refused.
  'query',
  'partitionKeys',
  'clusteringKeys',
  'bucket',
] as const;
export type TableSetting = (typeof TABLE_SETTINGS)[number];

/** Settings of all tables of a topic: `topic.<topic>.codec.<setting>`. */
export const CODEC_SETTINGS = ['locale', 'timeZone', 'timestamp', 'date', 'time', 'unit'] as const;
export type CodecSetting = (typeof CODEC_SETTINGS)[number];

/** The settings of a table as they stand in the config. */
export interface TableKeys {
  readonly keyspace: string;
  readonly table: string;
  /** What stands before the names of its settings: `topic.t.ks.tb.`. */
  readonly prefix: string;
  readonly settings: Readonly<Partial<Record<TableSetting, string>>>;
}

export interface TopicKeys {
  readonly topic: string;
  readonly tables: readonly TableKeys[];
  readonly codec: Readonly<Partial<Record<CodecSetting, string>>>;
}

export interface ReadKeys {
  readonly topics: ReadonlyMap<string, TopicKeys>;
  /** Keys that begin with `topic.` and are none of ours. */
  readonly strange: readonly string[];
}

const NAME = '("(?:[^"]|"")+"|[^."]+)';
const TABLE_KEY = new RegExp(`^topic\\.([a-zA-Z0-9._-]+)\\.${NAME}\\.${NAME}\\.(${TABLE_SETTINGS.join('|')})$`);
const CODEC_KEY = new RegExp(`^topic\\.([a-zA-Z0-9._-]+)\\.codec\\.(${CODEC_SETTINGS.join('|')})$`);

/** Sorts the keys of a config that begin with `topic.`. */
export function readTopicKeys(props: Props): ReadKeys {
  const topics = new Map<
    string,
    { topic: string; codec: Partial<Record<CodecSetting, string>>; tables: Map<string, MutableTable> }
  >();
  const strange: string[] = [];
  const topicOf = (topic: string) => {
    const known = topics.get(topic) ?? { topic, codec: {}, tables: new Map<string, MutableTable>() };
    topics.set(topic, known);
    return known;
  };
  for (const [key, value] of Object.entries(props)) {
    if (!key.startsWith('topic.')) continue;
    const codec = CODEC_KEY.exec(key);
    if (codec) {
      topicOf(codec[1]!).codec[codec[2] as CodecSetting] = value;
      continue;
    }
    const match = TABLE_KEY.exec(key);
    if (!match) {
      strange.push(key);
      continue;
    }
    const setting = match[4] as TableSetting;
    const { tables } = topicOf(match[1]!);
    const prefix = key.slice(0, -setting.length);
    const table = tables.get(prefix) ?? {
      keyspace: readName(match[2]!),
      table: readName(match[3]!),
      prefix,
      settings: {},
    };
    table.settings[setting] = value;
    tables.set(prefix, table);
  }
  return {
    topics: new Map([...topics].map(([topic, found]) => [topic, { ...found, tables: [...found.tables.values()] }])),
    strange,
  };
}

type MutableTable = Omit<TableKeys, 'settings'> & { readonly settings: Partial<Record<TableSetting, string>> };
