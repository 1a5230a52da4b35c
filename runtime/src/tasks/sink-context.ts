import type { Logger, PluginMetrics, SinkContext, SinkRecord } from '@tributary/api';
import type { GroupConsumer } from '../broker/port.ts';
import type { Gate } from './gate.ts';
import type { HeldBatch } from './held-batch.ts';
import type { PositionMap } from './positions.ts';
import type { SinkProgress } from './sink-progress.ts';
import type { TaskSpec } from './task-spec.ts';

export interface SinkContextParts {
  readonly spec: TaskSpec;
  readonly log: Logger;
  readonly metrics: PluginMetrics;
  readonly signal: AbortSignal;
  readonly consumer: GroupConsumer;
  readonly progress: SinkProgress;
  readonly held: HeldBatch;
  readonly gate: Gate;
  readonly pausedByPlugin: PositionMap;
  /** Ends the wait of a poll. */
  wake(): void;
  errant(record: SinkRecord, error: unknown): void;
  flushErrant(): Promise<void>;
}

/** What a sink may ask of the task that runs it. */
export function sinkContext(parts: SinkContextParts): SinkContext {
  const { spec, log, metrics, signal, consumer, progress, held, gate, pausedByPlugin, wake, errant, flushErrant } =
    parts;
  return {
    ...spec.id,
    props: spec.taskProps,
    log,
    metrics,
    signal,
    get assignment() {
      return consumer.assignment;
    },
    committed: (partition) => progress.committed(partition),
    seek: (offsets) => {
      consumer.seek(offsets);
      progress.seek(offsets);
    },
    pause: (partitions) => {
      for (const place of partitions) pausedByPlugin.set(place, 0);
      consumer.pause(partitions);
    },
    resume: (partitions) => {
      for (const place of partitions) pausedByPlugin.delete(place);
      if (held.empty && !gate.closed) consumer.resume(partitions);
    },
    requestCommit: () => {
      progress.request();
      wake();
    },
    retryAfter: (milliseconds) => held.pauseFor(milliseconds),
    reportErrant: errant,
    flushErrant,
  };
}
