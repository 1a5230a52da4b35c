import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, ConnectError, type Logger, messageOf, RetriableError } from '@tributary/api';
import type { commonConfig } from '../config/connector-config.ts';

/** Where in its way a record failed, by Java's names (org.apache.kafka.connect.runtime.errors.Stage). */
export type Stage =
  | 'TASK_POLL'
  | 'TRANSFORMATION'
  | 'KEY_CONVERTER'
  | 'VALUE_CONVERTER'
  | 'HEADER_CONVERTER'
  | 'KAFKA_PRODUCE'
  | 'KAFKA_CONSUME'
  | 'TASK_PUT';

/** What identifies a record to a person: its place in Kafka, or upstream. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number | null;
  readonly offset: number | null;
  readonly sourcePartition?: unknown;
  readonly sourceOffset?: unknown;
}

/** One failure of one record at one stage. */
export interface Failure {
  readonly stage: Stage;
  /** The class of the plugin that failed. */
  readonly plugin: string;
  readonly error: unknown;
  readonly place: RecordPlace;
  /** For the log, where `errors.log.include.messages` asks for it. */
  readonly record: { readonly key: unknown; readonly value: unknown };
}

/** What the error handler counts (task-error-metrics). */
export interface ErrorCounts {
  failure(): void;
  error(): void;
  skipped(): void;
  retried(): void;
  logged(): void;
}

/** Stands for the result of a record that was passed by. */
export const SKIPPED = Symbol('skipped');

export type ErrorPolicy = Pick<
  Config<typeof commonConfig>,
  | 'errors.tolerance'
  | 'errors.retry.timeout'
  | 'errors.retry.delay.max.ms'
  | 'errors.log.enable'
  | 'errors.log.include.messages'
>;

/** The first pause between two attempts, in milliseconds; each further one is twice as long. Java's RetryWithToleranceOperator. */
const FIRST_RETRY_DELAY_MS = 300;

/** A pause before attempt number `attempt` (from 1), with jitter in its upper half once the limit is reached. */
export function retryDelay(attempt: number, maximum: number, random: () => number = Math.random): number {
  const delay = FIRST_RETRY_DELAY_MS * 2 ** Math.min(attempt - 1, 30);
  return delay <= maximum ? delay : Math.ceil(maximum * (0.5 + random() / 2));
}

/** A record could not be processed and the task's config tolerates no such record. */
export class ToleranceExceededError extends ConnectError {
  static override readonly kind: string = 'ToleranceExceededError';
}

/** A message that names the root cause first, then the place, then what to do. */
export function describeFailure(connector: string, task: number, { stage, plugin, error, place }: Failure): string {
  const where = [
    `connector ${connector}`,
    `task ${task}`,
    `stage ${stage} (${plugin})`,
    `topic ${place.topic}`,
    ...(place.partition === null ? [] : [`partition ${place.partition}`]),
    ...(place.offset === null ? [] : [`offset ${place.offset}`]),
    ...(place.sourcePartition ? [`source partition ${JSON.stringify(place.sourcePartition)}`] : []),
    ...(place.sourceOffset ? [`source offset ${JSON.stringify(place.sourceOffset)}`] : []),
  ];
  return `${messageOf(error).trimEnd()} [${where.join(', ')}]`;
}

/** Decides what becomes of failed records, by the connector's `errors.*` keys. */
export class ErrorHandler {
  readonly #policy: ErrorPolicy;
  readonly #owner: { readonly connector: string; readonly task: number };
  readonly #log: Logger;
  readonly #counts: ErrorCounts;
  /** Aborts when the task is to stop. */
  readonly signal: AbortSignal;

  constructor(
    policy: ErrorPolicy,
    owner: { readonly connector: string; readonly task: number },
    log: Logger,
    counts: ErrorCounts,
    signal: AbortSignal,
  ) {
    this.#policy = policy;
    this.#owner = owner;
    this.#log = log;
    this.#counts = counts;
    this.signal = signal;
  }

  /**
   * Tries again what a retry may cure, then passes the record by if that is tolerated.
   * @throws ToleranceExceededError otherwise
   */
  async handle<T>(failure: Failure, again: () => T | Promise<T>): Promise<T | typeof SKIPPED> {
    let last = failure.error;
    this.#counts.failure();
    const timeout = this.#policy['errors.retry.timeout'];
    const deadline = timeout < 0 ? Number.POSITIVE_INFINITY : performance.now() + timeout;
    for (let attempt = 1; last instanceof RetriableError && timeout !== 0; attempt++) {
      const delay = Math.min(
        retryDelay(attempt, this.#policy['errors.retry.delay.max.ms']),
        deadline - performance.now(),
      );
      if (delay <= 0) break;
      await sleep(delay, undefined, { signal: this.signal });
      this.#counts.retried();
      try {
        return await again();
      } catch (error) {
        last = error;
        this.#counts.failure();
      }
    }
    this.#counts.error();
    return this.tolerate({ ...failure, error: last });
  }

  /** Passes a record by for good, if that is tolerated. @throws ToleranceExceededError otherwise */
  tolerate(failure: Failure): typeof SKIPPED {
    const message = describeFailure(this.#owner.connector, this.#owner.task, failure);
    if (this.#policy['errors.tolerance'] === 'none') {
      throw new ToleranceExceededError(`${message}. To pass such records by, set errors.tolerance=all`, {
        cause: failure.error,
      });
    }
    if (this.#policy['errors.log.enable']) {
      this.#counts.logged();
      const { key, value } = failure.record;
      this.#log.error(
        message,
        this.#policy['errors.log.include.messages'] ? { stage: failure.stage, key, value } : { stage: failure.stage },
      );
    }
    this.#counts.skipped();
    return SKIPPED;
  }
}
