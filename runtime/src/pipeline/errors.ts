import { isUtf8 } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, ConnectError, type ConnectRecord, type Logger, messageOf, RetriableError } from '@tributary/api';
import type { RecordRead } from '../broker/port.ts';
import type { commonConfig } from '../config/connector-config.ts';
import { toJson } from '../store/json.ts';

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
  /** As it was when it failed: bytes at the converters of a sink, values everywhere else. */
  readonly record: RecordRead | ConnectRecord;
}

/** Takes note of a record that failed for good, such as by sending it to the dead letter queue. */
export type Reporter = (failure: Failure) => void;

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

/** Characters of a place in a message: offsets of some sources hold all that was read of a page. */
const LONGEST_PLACE = 500;

function jsonText(value: unknown): string {
  const text = new TextDecoder().decode(toJson(value));
  return text.length <= LONGEST_PLACE
    ? text
    : `${text.slice(0, LONGEST_PLACE).toWellFormed()}… (${text.length} characters)`;
}

/** Where a task was when it failed; parts that are not known are left out. */
export interface FailurePlace {
  readonly connector: string;
  readonly task: number;
  readonly stage?: Stage;
  readonly plugin?: string;
  readonly place?: RecordPlace | undefined;
  /** How many records are concerned, if the one at `place` is only the first of them. */
  readonly records?: number;
}

/** A message that names the root cause first, then the place. */
export function describeFailure(
  error: unknown,
  { connector, task, stage, plugin, place, records }: FailurePlace,
): string {
  const where = [
    `connector ${connector}`,
    `task ${task}`,
    ...(stage ? [`stage ${stage}${plugin ? ` (${plugin})` : ''}`] : []),
    ...(place ? [`topic ${place.topic}`] : []),
    ...(place && place.partition !== null ? [`partition ${place.partition}`] : []),
    ...(place && place.offset !== null ? [`offset ${place.offset}`] : []),
    ...(records !== undefined && records > 1 ? [`the first of ${records} records`] : []),
    ...(place?.sourcePartition ? [`source partition ${jsonText(place.sourcePartition)}`] : []),
    ...(place?.sourceOffset ? [`source offset ${jsonText(place.sourceOffset)}`] : []),
  ];
  return `${messageOf(error).trimEnd()} [${where.join(', ')}]`;
}

/** A task failed. The message says what went wrong, where, and what to do. */
export class TaskFailure extends ConnectError {
  static override readonly kind: string = 'TaskFailure';
}

/** Gives an error its place and the remedy, unless it has them. @param hint what helps besides mending the cause */
export function taskFailure(error: unknown, where: FailurePlace, hint = ''): unknown {
  if (error instanceof ToleranceExceededError || error instanceof TaskFailure) return error;
  const { connector, task } = where;
  const restart = `Once the cause is mended, POST /connectors/${encodeURIComponent(connector)}/tasks/${task}/restart starts the task again`;
  return new TaskFailure([describeFailure(error, where), restart, ...(hint ? [hint] : [])].join('. '), {
    cause: error,
  });
}

/** Bytes as text where they are text, otherwise in Base64. */
function readable(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return isUtf8(bytes) ? bytes.toString() : `base64:${bytes.toString('base64')}`;
}

/** A record's content for the log. */
const shown = ({ key, value, headers }: Failure['record']) => ({
  key: readable(key),
  value: readable(value),
  headers: headers.map((header) => [header.key, readable(header.value)]),
});

/** Decides what becomes of failed records, by the connector's `errors.*` keys. */
export class ErrorHandler {
  readonly #policy: ErrorPolicy;
  readonly #owner: { readonly connector: string; readonly task: number };
  readonly #log: Logger;
  readonly #counts: ErrorCounts;
  readonly #report: Reporter;
  /** Aborts when the task is to stop. */
  readonly signal: AbortSignal;

  constructor(
    policy: ErrorPolicy,
    owner: { readonly connector: string; readonly task: number },
    log: Logger,
    counts: ErrorCounts,
    signal: AbortSignal,
    report: Reporter = () => {},
  ) {
    this.#policy = policy;
    this.#owner = owner;
    this.#log = log;
    this.#counts = counts;
    this.signal = signal;
    this.#report = report;
  }

  /** Whether records that fail for good are passed by. */
  get tolerant(): boolean {
    return this.#policy['errors.tolerance'] === 'all';
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
    this.#pass({ ...failure, error: last });
    this.#counts.skipped();
    return SKIPPED;
  }

  /**
   * A record failed in the hands of the plugin, where nothing is tried again (KIP-610). Counts it as Java does: as a failure, and as an error
   * only if that ends the task.
   * @throws ToleranceExceededError if that is not tolerated
   */
  failed(failure: Failure): void {
    this.#counts.failure();
    if (!this.tolerant) this.#counts.error();
    this.#pass(failure);
  }

  /** Reports a record, and passes it by if that is tolerated; reports come first in either case, as in Java. */
  #pass(failure: Failure): void {
    const { connector, task } = this.#owner;
    const { stage, plugin, place, error } = failure;
    const message = describeFailure(error, { connector, task, stage, plugin, place });
    if (this.#policy['errors.log.enable']) {
      this.#counts.logged();
      this.#log.error(
        message,
        this.#policy['errors.log.include.messages'] ? { stage, ...shown(failure.record) } : { stage },
      );
    }
    this.#report(failure);
    if (this.tolerant) return;
    throw new ToleranceExceededError(`${message}. To pass such records by, set errors.tolerance=all`, { cause: error });
  }
}
