import type { ConfigDef } from '../config/keys.ts';
import type { Props } from '../config/parse.ts';
import { ConfigError, ConnectError, RetriableError } from '../errors.ts';
import { KeptMetrics } from '../metrics.ts';
import type { Definition } from '../plugin.ts';
import { type SourceRecord, type SourceRecordInput, sourceRecord } from '../record.ts';
import type { SourceConnector, SourceContext } from '../source.ts';
import { validateValue } from '../validate.ts';
import { CONNECTOR, connectorTasks, parseOrThrow } from './config.ts';
import { type LogLine, recordingLog } from './log.ts';
import { byName, type MetricsByName } from './metrics.ts';
import { MemoryOffsets, type OffsetEntry } from './offsets.ts';

export interface SourceOptions {
  /** Where to resume. A store is used as it is and changed; entries go into a new one. Default: none. */
  offsets?: MemoryOffsets | Iterable<OffsetEntry>;
  /** `tasks.max`. Default: 1. */
  tasksMax?: number;
  /** Which of the tasks to run. Default: 0. */
  task?: number;
  /** How long to wait for records, and for the source to end after `stop`. Milliseconds; default: 10,000. */
  timeoutMs?: number;
}

export interface RunOptions extends SourceOptions {
  /** Stops after the batch with this many records. */
  take?: number;
  /** Stops after the first batch at which this is true. */
  until?: (records: readonly SourceRecord[]) => boolean;
}

/** How often in a row `run` may throw RetriableError before the harness gives up. */
const MAX_RETRIES = 10;

type Source<D extends ConfigDef> = SourceConnector<D> & Definition & { readonly kind: 'source' };

/**
 * Runs a source until it has yielded `take` records, or `until` says so, or (with neither) until it ends by itself; then stops it.
 * The records of the last batch are all there, so there may be more than `take`.
 * @throws ConfigError for an invalid config; ConnectError if the records do not come in time or the source does not stop
 */
export async function runSource<D extends ConfigDef>(
  definition: Source<D>,
  props: Props,
  options: RunOptions = {},
): Promise<SourceRun> {
  const run = await startSource(definition, props, options);
  const { take, until } = options;
  try {
    if (take === undefined && until === undefined) await run.end();
    else
      await run.until(
        (records) => records.length > 0 && (records.length >= (take ?? Infinity) || until?.(records) === true),
      );
  } finally {
    await run.stop();
  }
  return run;
}

/** Starts a source and leaves it to the test to pull: `take`, `until`, `end`, `stop`. */
export async function startSource<D extends ConfigDef>(
  definition: Source<D>,
  props: Props,
  options: SourceOptions = {},
): Promise<SourceRun> {
  const { tasksMax = 1, task = 0, offsets = [], timeoutMs = 10_000 } = options;
  const taskProps = (await connectorTasks(definition, props, tasksMax))[task];
  if (!taskProps) throw new ConfigError(`There is no task ${task}: ${definition.class} made fewer of them`);
  const config = parseOrThrow(definition, taskProps);
  const store = offsets instanceof MemoryOffsets ? offsets : new MemoryOffsets(offsets);
  const log: LogLine[] = [];
  const metrics = new KeptMetrics();
  const abort = new AbortController();
  const context: SourceContext = {
    connector: CONNECTOR,
    task,
    props: taskProps,
    log: recordingLog(log),
    metrics,
    signal: abort.signal,
    offsets: store,
    paused: false,
    transactions: null,
  };
  return new SourceRun(() => definition.run(config, context), {
    offsets: store,
    log,
    metrics,
    abort,
    timeoutMs,
    committed: async (records) => definition.committed?.(records, context),
  });
}

interface Wiring {
  readonly offsets: MemoryOffsets;
  readonly log: LogLine[];
  readonly metrics: KeptMetrics;
  readonly abort: AbortController;
  readonly timeoutMs: number;
  readonly committed: (records: readonly SourceRecord[]) => Promise<void>;
}

/** A source that runs. Nothing is pulled from it except by the methods below. */
export class SourceRun {
  /** All records so far, in the order yielded. Their values are checked against their schemas. */
  readonly records: SourceRecord[] = [];
  /** The sizes of the batches so far. */
  readonly batches: number[] = [];
  /** The offsets of the records so far. */
  readonly offsets: MemoryOffsets;
  readonly log: readonly LogLine[];
  /** Whether the source ended by itself or was stopped. */
  ended = false;
  readonly #start: () => AsyncIterable<readonly SourceRecordInput[]>;
  readonly #wiring: Wiring;
  #iterator: AsyncIterator<readonly SourceRecordInput[]>;
  /** A pull that did not come back in time is waited for by the next one. */
  #pending: Promise<IteratorResult<readonly SourceRecordInput[]>> | null = null;
  #retries = 0;

  constructor(start: () => AsyncIterable<readonly SourceRecordInput[]>, wiring: Wiring) {
    this.#start = start;
    this.#wiring = wiring;
    this.offsets = wiring.offsets;
    this.log = wiring.log;
    this.#iterator = start()[Symbol.asyncIterator]();
  }

  /** The source's own metrics as they are now, by name. */
  get metrics(): MetricsByName {
    return byName(this.#wiring.metrics);
  }

  /** Pulls until `count` more records have come, and returns all that came. @throws ConnectError after `timeoutMs` without them */
  async take(count: number): Promise<readonly SourceRecord[]> {
    const from = this.records.length;
    await this.until((records) => records.length - from >= count);
    return this.records.slice(from);
  }

  /** Pulls until the condition holds, which is asked after each batch. @throws ConnectError if it does not in time, or the source ends */
  async until(condition: (records: readonly SourceRecord[]) => boolean): Promise<void> {
    const deadline = Date.now() + this.#wiring.timeoutMs;
    while (!condition(this.records)) {
      if (!(await this.#pull(deadline)))
        throw new ConnectError(`The source ended after ${this.records.length} records, before the condition was met`);
    }
  }

  /** Pulls until the source ends by itself. @throws ConnectError if it does not in time */
  async end(): Promise<void> {
    const deadline = Date.now() + this.#wiring.timeoutMs;
    while (await this.#pull(deadline));
  }

  /** Aborts the source's signal and waits for its end; batches that it still yields are discarded. @throws ConnectError if it does not end */
  async stop(): Promise<void> {
    this.#wiring.abort.abort();
    const deadline = Date.now() + this.#wiring.timeoutMs;
    while (!this.ended) {
      const result = await this.#next(deadline, 'to stop');
      this.ended = result.done === true;
    }
  }

  async #pull(deadline: number): Promise<boolean> {
    if (this.ended) return false;
    try {
      const result = await this.#next(deadline, 'for records');
      this.#retries = 0;
      if (result.done) this.ended = true;
      else await this.#accept(result.value);
      return !this.ended;
    } catch (error) {
      if (!(error instanceof RetriableError)) {
        this.ended = !this.#pending;
        throw error;
      }
      if (++this.#retries > MAX_RETRIES) throw error;
      this.#iterator = this.#start()[Symbol.asyncIterator]();
      return true;
    }
  }

  async #accept(batch: readonly SourceRecordInput[]): Promise<void> {
    const records = batch.map(sourceRecord);
    for (const record of records) {
      if (record.keySchema) validateValue(record.keySchema, record.key, 'key');
      if (record.valueSchema) validateValue(record.valueSchema, record.value, 'value');
      if (record.sourcePartition && record.sourceOffset) this.offsets.set(record.sourcePartition, record.sourceOffset);
      this.records.push(record);
    }
    this.batches.push(records.length);
    await this.#wiring.committed(records);
  }

  async #next(deadline: number, what: string): Promise<IteratorResult<readonly SourceRecordInput[]>> {
    const pending = this.#pending ?? this.#iterator.next();
    this.#pending = pending;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => {
          const lines = this.log.map((line) => `${line.level}: ${line.message}`);
          reject(
            new ConnectError(
              [
                `Waited ${this.#wiring.timeoutMs} ms ${what}; ${this.records.length} came so far. Its log:`,
                ...lines,
              ].join('\n'),
            ),
          );
        },
        Math.max(deadline - Date.now(), 1),
      );
    });
    try {
      const winner = await Promise.race([
        pending.then(
          (result) => ({ result }),
          (error: unknown) => ({ error }),
        ),
        late,
      ]);
      this.#pending = null;
      if ('error' in winner) throw winner.error;
      return winner.result;
    } finally {
      clearTimeout(timer);
    }
  }
}
