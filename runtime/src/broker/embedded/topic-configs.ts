import type { EmbeddedConfig } from './config.ts';

/** Kafka's topic configs with Kafka's defaults; the embedded log obeys those that {@link TopicRules} names. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'cleanup.policy': 'delete',
  'compression.type': 'producer',
  'delete.retention.ms': '86400000',
  'file.delete.delay.ms': '60000',
  'flush.messages': '9223372036854775807',
  'flush.ms': '9223372036854775807',
  'index.interval.bytes': '4096',
  'max.compaction.lag.ms': '9223372036854775807',
  'max.message.bytes': '1048588',
  'message.timestamp.type': 'CreateTime',
  'min.cleanable.dirty.ratio': '0.5',
  'min.compaction.lag.ms': '0',
  'min.insync.replicas': '1',
  preallocate: 'false',
  'retention.bytes': '-1',
  'retention.ms': '604800000',
  'segment.bytes': '1073741824',
  'segment.ms': '604800000',
  'unclean.leader.election.enable': 'false',
};

/** What a topic's configs mean to the log. */
export interface TopicRules {
  readonly deletes: boolean;
  readonly compacts: boolean;
  /** Milliseconds; infinite where there is no limit. */
  readonly retentionMs: number;
  /** Per partition; infinite where there is no limit. */
  readonly retentionBytes: number;
  /** How long a tombstone stays, in milliseconds. */
  readonly deleteRetentionMs: number;
  readonly minCleanableDirtyRatio: number;
  /** The largest record, as it is stored. */
  readonly maxMessageBytes: number;
  readonly logAppendTime: boolean;
}

/** The configs of a topic, defaults included. */
export function fullConfigs(
  given: Readonly<Record<string, string>>,
  config: EmbeddedConfig,
): Readonly<Record<string, string>> {
  return {
    ...DEFAULTS,
    'retention.ms': String(config['embedded.retention.ms']),
    'retention.bytes': String(config['embedded.retention.bytes']),
    ...given,
  };
}

type Check = (value: string) => boolean;
const wholeFrom =
  (min: number): Check =>
  (value) =>
    /^-?\d+$/.test(value) && Number(value) >= min;

const CHECKS: Readonly<Record<string, Check>> = {
  'cleanup.policy': (value) => value.split(',').every((part) => ['delete', 'compact'].includes(part.trim())),
  'retention.ms': wholeFrom(-1),
  'retention.bytes': wholeFrom(-1),
  'delete.retention.ms': wholeFrom(0),
  'max.message.bytes': wholeFrom(0),
  'min.cleanable.dirty.ratio': (value) => Number(value) >= 0 && Number(value) <= 1,
  'message.timestamp.type': (value) => value === 'CreateTime' || value === 'LogAppendTime',
};

/** The keys whose values the log could not obey. */
export function invalidConfigs(configs: Readonly<Record<string, string>>): string[] {
  return Object.entries(configs)
    .filter(([key, value]) => CHECKS[key]?.(value) === false)
    .map(([key]) => key);
}

/** Reads full, valid configs. */
export function topicRules(full: Readonly<Record<string, string>>): TopicRules {
  const policies = full['cleanup.policy']!.split(',').map((part) => part.trim());
  const limit = (key: string): number => (full[key] === '-1' ? Number.POSITIVE_INFINITY : Number(full[key]));
  return {
    deletes: policies.includes('delete'),
    compacts: policies.includes('compact'),
    retentionMs: limit('retention.ms'),
    retentionBytes: limit('retention.bytes'),
    deleteRetentionMs: Number(full['delete.retention.ms']),
    minCleanableDirtyRatio: Number(full['min.cleanable.dirty.ratio']),
    maxMessageBytes: Number(full['max.message.bytes']),
    logAppendTime: full['message.timestamp.type'] === 'LogAppendTime',
  };
}
