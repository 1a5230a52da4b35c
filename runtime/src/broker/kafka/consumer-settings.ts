import { ConfigError } from '@tributary/api';
import { flag, integer, oneOf, text } from '../../config/values.ts';
import type { GroupConsumerOptions, Isolation } from '../port.ts';
import type { OffsetReset } from './fetcher.ts';

export interface ConsumerSettings {
  readonly clientId: string;
  readonly groupId: string;
  readonly groupInstanceId: string | null;
  readonly isolation: Isolation;
  readonly autoOffsetReset: OffsetReset;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly maxPollIntervalMs: number;
  readonly metadataMaxAgeMs: number;
  readonly maxBufferedBytes: number;
  readonly maxPartitionFetchBytes: number;
  readonly fetchMaxBytes: number;
  readonly fetchMinBytes: number;
  readonly fetchMaxWaitMs: number;
  /** How long a fetch may wait once the partitions have had nothing new for a while. */
  readonly fetchIdleWaitMs: number;
  readonly checkCrcs: boolean;
  /** Names of assignors, the preferred one first. */
  readonly assignors: readonly string[];
}

/** The keys of `overrides` that a consumer understands, besides those of every client. */
export const CONSUMER_KEYS = [
  'auto.offset.reset',
  'check.crcs',
  'fetch.max.bytes',
  'fetch.max.wait.ms',
  'fetch.min.bytes',
  'group.instance.id',
  'heartbeat.interval.ms',
  'isolation.level',
  'max.partition.fetch.bytes',
  'max.poll.interval.ms',
  'metadata.max.age.ms',
  'partition.assignment.strategy',
  'session.timeout.ms',
] as const;

const MIB = 1_048_576;

/** Kafka's default of fetch.max.wait.ms. */
export const FETCH_WAIT_MS = 500;
/** A broker answers at once when something comes: a longer wait only spares requests. */
export const FETCH_IDLE_WAIT_MS = 5_000;

const STRATEGIES: Readonly<Record<string, string>> = {
  range: 'range',
  'org.apache.kafka.clients.consumer.RangeAssignor': 'range',
  roundrobin: 'roundrobin',
  'org.apache.kafka.clients.consumer.RoundRobinAssignor': 'roundrobin',
};

/** Overrides win over options, as users' configs do over the worker's. */
export function consumerSettings(options: GroupConsumerOptions): ConsumerSettings {
  const configs = options.overrides ?? {};
  const sessionTimeoutMs = integer(configs, 'session.timeout.ms', 1) ?? options.sessionTimeoutMs ?? 45_000;
  const heartbeatIntervalMs = integer(configs, 'heartbeat.interval.ms', 1) ?? options.heartbeatIntervalMs ?? 3_000;
  if (heartbeatIntervalMs >= sessionTimeoutMs)
    throw new ConfigError(
      `Invalid value ${heartbeatIntervalMs} for configuration heartbeat.interval.ms: must be less than session.timeout.ms (${sessionTimeoutMs})`,
    );
  const fetchMinBytes = integer(configs, 'fetch.min.bytes', 0) ?? 1;
  const askedWaitMs = integer(configs, 'fetch.max.wait.ms', 0) ?? options.fetchMaxWaitMs;
  return {
    clientId: text(configs, 'client.id') ?? options.clientId,
    groupId: options.groupId,
    groupInstanceId: text(configs, 'group.instance.id') ?? options.groupInstanceId ?? null,
    isolation:
      oneOf(configs, 'isolation.level', ['read_committed', 'read_uncommitted']) ??
      options.isolation ??
      'read_committed',
    autoOffsetReset:
      oneOf(configs, 'auto.offset.reset', ['earliest', 'latest', 'none']) ?? options.autoOffsetReset ?? 'earliest',
    sessionTimeoutMs,
    heartbeatIntervalMs,
    maxPollIntervalMs: integer(configs, 'max.poll.interval.ms', 1) ?? options.maxPollIntervalMs ?? 300_000,
    metadataMaxAgeMs: integer(configs, 'metadata.max.age.ms', 0) ?? options.metadataMaxAgeMs ?? 300_000,
    maxBufferedBytes: options.maxBufferedBytes ?? 16 * MIB,
    maxPartitionFetchBytes: integer(configs, 'max.partition.fetch.bytes', 0) ?? options.maxPartitionFetchBytes ?? MIB,
    fetchMaxBytes: integer(configs, 'fetch.max.bytes', 0) ?? 50 * MIB,
    fetchMinBytes,
    fetchMaxWaitMs: askedWaitMs ?? FETCH_WAIT_MS,
    // Who asks for a wait, or for more than a byte, which the wait puts an end to, gets that.
    fetchIdleWaitMs: askedWaitMs ?? (fetchMinBytes > 1 ? FETCH_WAIT_MS : FETCH_IDLE_WAIT_MS),
    checkCrcs: flag(configs, 'check.crcs') ?? true,
    assignors: assignors(text(configs, 'partition.assignment.strategy')),
  };
}

function assignors(strategies: string | undefined): readonly string[] {
  if (strategies === undefined) return ['range', 'roundrobin'];
  const names = strategies.split(',').map((strategy) => STRATEGIES[strategy.trim()]);
  const known = names.filter((name) => name !== undefined);
  // Java's default lists range and cooperative-sticky, and uses the former: so do we where one of ours is in the list.
  if (known.length === 0)
    throw new ConfigError(
      `Invalid value ${strategies} for configuration partition.assignment.strategy: must name RangeAssignor or RoundRobinAssignor`,
    );
  return known;
}
