import type { ConfigDef } from '../config/keys.ts';
import type { Props } from '../config/parse.ts';
import { KeptMetrics } from '../metrics.ts';
import type { Definition } from '../plugin.ts';
import {
  NO_HEADERS,
  type OffsetAndMetadata,
  type SinkRecord,
  type TopicPartition,
  type TopicPartitionOffset,
} from '../record.ts';
import type { SinkConnector, SinkContext, SinkTask } from '../sink.ts';
import { CONNECTOR, validateOrThrow } from './config.ts';
import { type LogLine, recordingLog } from './log.ts';
import { byName, type MetricsByName } from './metrics.ts';

/** What a test says of a record: all but the topic may be left out. */
export type SinkRecordInput = Pick<SinkRecord, 'topic'> & Partial<SinkRecord>;

export interface SinkOptions {
  /** The partitions that the task has. Default: those of the records, opened as they come. */
  assignment?: readonly TopicPartition[];
  /** What the group has committed before the task starts. Default: nothing. */
  committed?: readonly OffsetAndMetadata[];
  /** Whether `reportErrant` tolerates (`errors.tolerance=all`) or throws. Default: true. */
  tolerant?: boolean;
  /** What becomes of `flushErrant`. Default: it resolves. */
  onFlushErrant?: () => Promise<void>;
}

/** A sink that runs. */
export interface SinkRun {
  /** Puts a batch. Offsets count up from 0 for each partition unless given. @throws what the sink throws */
  put(records: readonly SinkRecordInput[]): Promise<void>;
  /** Flushes, and commits and returns the offsets that the sink then lets be committed. */
  flush(): Promise<readonly OffsetAndMetadata[]>;
  /** Flushes, takes the partitions away and stops the task. */
  close(): Promise<void>;
  /** The records that the sink reported, with their errors. */
  readonly errant: ReadonlyArray<{ readonly record: SinkRecord; readonly error: unknown }>;
  /** What the sink asked of its context, in order. */
  readonly requests: ReadonlyArray<
    | { readonly kind: 'seek'; readonly offsets: readonly TopicPartitionOffset[] }
    | { readonly kind: 'pause' | 'resume'; readonly partitions: readonly TopicPartition[] }
    | { readonly kind: 'commit' }
    /** How many records had been reported by then. */
    | { readonly kind: 'flushErrant'; readonly records: number }
    | { readonly kind: 'retryAfter'; readonly milliseconds: number }
  >;
  readonly log: readonly LogLine[];
  /** The sink's own metrics as they are now, by name. */
  readonly metrics: MetricsByName;
}

const partitionName = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

/** Completes records for a sink; offsets count up from those in `next`, by partition. */
export function sinkRecords(inputs: readonly SinkRecordInput[], next = new Map<string, number>()): SinkRecord[] {
  return inputs.map((input) => {
    const { topic, partition = 0 } = input;
    const name = partitionName({ topic, partition });
    const offset = input.offset ?? next.get(name) ?? 0;
    next.set(name, offset + 1);
    return {
      topic,
      partition,
      offset,
      key: input.key ?? null,
      keySchema: input.keySchema ?? null,
      value: input.value ?? null,
      valueSchema: input.valueSchema ?? null,
      timestamp: input.timestamp ?? null,
      timestampType: input.timestampType ?? 'CreateTime',
      headers: input.headers ?? NO_HEADERS,
      originalTopic: input.originalTopic ?? topic,
      originalPartition: input.originalPartition ?? partition,
      originalOffset: input.originalOffset ?? offset,
    };
  });
}

/**
 * Starts a sink task without a broker.
 * @throws ConfigError for an invalid config, with every message
 */
export async function runSink<D extends ConfigDef>(
  definition: SinkConnector<D> & Definition & { readonly kind: 'sink' },
  props: Props,
  { assignment: given, committed = [], tolerant = true, onFlushErrant }: SinkOptions = {},
): Promise<SinkRun> {
  const config = await validateOrThrow(definition, props);
  const assignment: TopicPartition[] = [];
  const next = new Map<string, number>();
  const put = new Map<string, TopicPartitionOffset>();
  const log: LogLine[] = [];
  const metrics = new KeptMetrics();
  const errant: Array<SinkRun['errant'][number]> = [];
  const requests: Array<SinkRun['requests'][number]> = [];
  const abort = new AbortController();
  const ofGroup = new Map<string, { readonly offset: number; readonly metadata: string }>();
  const commit = (offsets: readonly OffsetAndMetadata[]): void => {
    for (const { offset, metadata = '', ...place } of offsets) ofGroup.set(partitionName(place), { offset, metadata });
  };
  commit(committed);
  const context: SinkContext = {
    connector: CONNECTOR,
    task: 0,
    props,
    log: recordingLog(log),
    metrics,
    signal: abort.signal,
    assignment,
    committed: (partition) => ofGroup.get(partitionName(partition)) ?? null,
    seek: (offsets) => void requests.push({ kind: 'seek', offsets }),
    pause: (partitions) => void requests.push({ kind: 'pause', partitions }),
    resume: (partitions) => void requests.push({ kind: 'resume', partitions }),
    requestCommit: () => void requests.push({ kind: 'commit' }),
    retryAfter: (milliseconds) => void requests.push({ kind: 'retryAfter', milliseconds }),
    reportErrant(record, error) {
      errant.push({ record, error });
      if (!tolerant) throw error;
    },
    async flushErrant() {
      requests.push({ kind: 'flushErrant', records: errant.length });
      await onFlushErrant?.();
    },
  };
  const task: SinkTask = await definition.start(config, context);
  const open = async (partitions: readonly TopicPartition[]): Promise<void> => {
    const known = new Set(assignment.map(partitionName));
    const fresh = partitions.filter((partition) => {
      const name = partitionName(partition);
      return !known.has(name) && known.add(name);
    });
    if (fresh.length === 0) return;
    assignment.push(...fresh.map(({ topic, partition }) => ({ topic, partition })));
    await task.open?.(fresh);
  };
  await open(given ?? []);

  const flush = async (): Promise<readonly OffsetAndMetadata[]> => {
    await task.flush?.();
    const offsets = [...put.values()];
    const safe = (await task.preCommit?.(offsets)) ?? offsets;
    commit(safe);
    return safe;
  };
  return {
    errant,
    requests,
    log,
    get metrics() {
      return byName(metrics);
    },
    flush,
    async put(inputs) {
      const records = sinkRecords(inputs, next);
      await open(records);
      await task.put(records);
      for (const { originalTopic: topic, originalPartition: partition, originalOffset } of records)
        put.set(partitionName({ topic, partition }), { topic, partition, offset: originalOffset + 1 });
    },
    async close() {
      await flush();
      await task.close?.(assignment);
      abort.abort();
      await task.stop?.();
    },
  };
}
