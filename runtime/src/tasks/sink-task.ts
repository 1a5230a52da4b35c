import { setTimeout as sleep } from 'node:timers/promises';
import {
  messageOf,
  type OffsetAndMetadata,
  type SinkTask as PluginTask,
  type RetriableError,
  type SinkDefinition,
  type SinkRecord,
  type TopicPartition,
} from '@tributary/api';
import { javaRegExp } from '@tributary/api/text';
import type { GroupConsumer, RecordRead } from '../broker/port.ts';
import { commonConfig, sinkConfig } from '../config/connector-config.ts';
import { type ErrorHandler, type Stage, taskFailure } from '../pipeline/errors.ts';
import { SinkPipeline, sinkPlace } from '../pipeline/sink-pipeline.ts';
import { inSlices } from '../pipeline/slices.ts';
import { type DeadLetterQueue, openDeadLetterQueue } from './dead-letter-queue.ts';
import { Delivery } from './delivery.ts';
import { Gate } from './gate.ts';
import { type Batch, HeldBatch } from './held-batch.ts';
import { instanceId } from './instance-id.ts';
import { Interrupt, STOPPED } from './interrupt.ts';
import { openParts } from './parts.ts';
import { PositionMap, samePlace } from './positions.ts';
import { BatchRoom, sizeOf } from './reservation.ts';
import { consumerOverrides, sinkGroup } from './sink-clients.ts';
import { sinkContext } from './sink-context.ts';
import { putFailure } from './sink-failure.ts';
import { SinkProgress } from './sink-progress.ts';
import type { RunningTask, TaskEnvironment, TaskEvents } from './task.ts';
import type { TaskSpec } from './task-spec.ts';

/** Records that one poll may return, unless `consumer.override.max.poll.records` says otherwise. */
const MAX_POLL_RECORDS = 2_000;
/** How long a poll waits for records, in milliseconds; a stop or a pause interrupts it. */
const POLL_TIMEOUT_MS = 1_000;
/** Bytes that the consumer may fetch ahead of polls; one larger record comes all the same. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
const DELIVERED = { done: true } as const;

/** The loop of a sink task: poll, convert, transform, put; flush and commit from time to time and before partitions leave. */
export async function startSinkTask(
  spec: TaskSpec,
  definition: SinkDefinition,
  environment: TaskEnvironment,
  events: TaskEvents,
): Promise<RunningTask> {
  const task = new SinkTask(spec, definition, environment, events);
  try {
    await task.open();
  } catch (error) {
    await task.discard();
    throw error;
  }
  return task;
}

class SinkTask implements RunningTask {
  readonly done: Promise<void>;
  readonly #spec: TaskSpec;
  readonly #definition: SinkDefinition;
  readonly #env: TaskEnvironment;
  readonly #events: TaskEvents;
  readonly #interrupt = new Interrupt();
  readonly #gate: Gate;
  readonly #ended = Promise.withResolvers<void>();
  #wakePoll = new AbortController();
  #stopTimeoutMs = 0;
  #consumer!: GroupConsumer;
  #plugin!: PluginTask;
  #pipeline!: SinkPipeline;
  #delivery!: Delivery;
  #deadLetters: DeadLetterQueue | undefined;
  /** Records that the plugin reported: a batch that comes again comes without them. */
  #reported = new WeakSet<SinkRecord>();
  /** What the task is doing, for the message of an error that does not say where it came from. */
  #stage: Stage | undefined;
  #closeParts: ReadonlyArray<() => Promise<void>> = [];
  #looping = true;
  #progress!: SinkProgress;
  readonly #held = new HeldBatch();
  /** The batch that is being put. */
  #underWay: Batch | undefined;
  readonly #pausedByPlugin = new PositionMap();
  readonly #room: BatchRoom;

  constructor(spec: TaskSpec, definition: SinkDefinition, environment: TaskEnvironment, events: TaskEvents) {
    this.#spec = spec;
    this.#definition = definition;
    this.#env = environment;
    this.#room = new BatchRoom(environment.budget);
    this.#events = events;
    this.#gate = new Gate(spec.paused);
    this.done = this.#ended.promise;
    this.done.catch(() => {});
  }

  async open(): Promise<void> {
    const { id, connectorProps, settings } = this.#spec;
    const { config, framework, chain, converters, errors, close } = await openParts(
      this.#spec,
      this.#definition.config,
      { ...commonConfig, ...sinkConfig },
      this.#env,
      this.#interrupt.signal,
      async (framework, converters) => {
        const mayWrite = (): boolean => this.#mayWrite;
        this.#deadLetters = await openDeadLetterQueue(framework, this.#spec, this.#env, converters, mayWrite);
        return (failure) => this.#deadLetters?.report(failure);
      },
    );
    this.#pipeline = new SinkPipeline(chain, converters, errors, this.#deadLetters !== undefined);
    this.#closeParts = close;
    this.#delivery = new Delivery({
      put: (records) => this.#plugin.put(records),
      errant: errors.tolerant ? (record, error) => this.#errant(errors, record, error) : null,
      mayPut: () => this.#mayWrite,
      check: () => this.#interrupt.check(),
    });
    const overrides = consumerOverrides(settings.workerProps, connectorProps);
    this.#consumer = this.#env.clients.consumer.consumer({
      clientId: `connector-consumer-${id.connector}-${id.task}`,
      groupId: sinkGroup(id.connector, overrides),
      ...(framework['topics.regex'] === ''
        ? { topics: framework.topics }
        : { topicsRegex: javaRegExp(framework['topics.regex']).regExp }),
      groupInstanceId: instanceId(settings.workerProps['group.id'] ?? '', id),
      maxBufferedBytes: MAX_BUFFERED_BYTES,
      overrides,
      onAssigned: (partitions, committed) => this.#assigned(partitions, committed),
      onRevoked: (partitions) => this.#revoked(partitions),
      onLost: (partitions) => this.#lost(partitions),
    });
    this.#progress = new SinkProgress({
      consumer: this.#consumer,
      plugin: () => this.#plugin,
      letters: this.#deadLetters,
      metrics: this.#env.metrics,
      log: this.#env.log,
      intervalMs: settings.offsetFlushIntervalMs,
    });
    this.#plugin = await this.#definition.start(
      config,
      sinkContext({
        spec: this.#spec,
        log: this.#env.pluginLog,
        metrics: this.#env.metrics.ofPlugin,
        signal: this.#interrupt.signal,
        consumer: this.#consumer,
        progress: this.#progress,
        held: this.#held,
        gate: this.#gate,
        pausedByPlugin: this.#pausedByPlugin,
        wake: () => this.#wakePoll.abort(),
        errant: (record, error) => this.#errant(errors, record, error),
      }),
    );
    void this.#live();
  }

  /** Lets go of what was opened before the start failed. */
  async discard(): Promise<void> {
    const closing = [this.#deadLetters?.close(), this.#consumer?.close(), ...this.#closeParts.map((close) => close())];
    await Promise.allSettled(closing);
  }

  pause(): void {
    if (this.#gate.close()) {
      this.#wakePoll.abort();
      this.#events.state('PAUSED');
    }
  }

  resume(): void {
    if (this.#gate.open()) {
      this.#wakePoll.abort();
      this.#events.state('RUNNING');
    }
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#stopTimeoutMs = timeoutMs;
    this.#interrupt.stop();
    this.#wakePoll.abort();
    await Promise.race([this.done.catch(() => {}), this.#late()]);
    if (this.#looping) await this.#letGo();
    await this.done.catch(() => {});
  }

  #late(): Promise<'late'> {
    const limitMs = Math.max(1, this.#stopTimeoutMs || this.#spec.settings.offsetFlushTimeoutMs);
    return sleep(limitMs, 'late', { ref: false });
  }

  /** Neither the group nor the other tasks of the worker wait for a call of the plugin that does not return. */
  async #letGo(): Promise<void> {
    this.#room.giveBack();
    await this.#consumer
      .close(true)
      .catch((error: unknown) => this.#env.log.debug(`Closing the consumer: ${messageOf(error)}`));
  }

  /** A task that was stopped for long, and goes on, must not write what may be another's by now: it first hears from the group. */
  get #mayWrite(): boolean {
    return this.#consumer.leaseMs > 0;
  }

  #errant(handler: ErrorHandler, record: SinkRecord, error: unknown): void {
    this.#reported.add(record);
    handler.failed({ stage: 'TASK_PUT', plugin: this.#definition.class, error, place: sinkPlace(record), record });
  }

  async #live(): Promise<void> {
    let failure: unknown = STOPPED;
    try {
      this.#events.state(this.#gate.closed ? 'PAUSED' : 'RUNNING');
      while (true) {
        this.#interrupt.check();
        await this.#iterate();
      }
    } catch (error) {
      if (!this.#interrupt.signal.aborted || (error !== STOPPED && (error as Error).name !== 'AbortError'))
        failure = this.#located(error);
    }
    this.#looping = false;
    this.#interrupt.stop();
    const outcome = await Promise.race([this.#finish(failure === STOPPED), this.#late()]).catch((error: unknown) => {
      if (failure === STOPPED) failure = error;
    });
    if (outcome === 'late')
      this.#env.log.warn('The task did not finish in time; records since its last commit will come again');
    // While it is a member; and not in the way of what failed.
    await this.#deadLetters?.send();
    await this.#letGo();
    await this.#deadLetters?.close().catch((error: unknown) => this.#env.log.warn(messageOf(error)));
    for (const close of this.#closeParts) await close().catch((error: unknown) => this.#env.log.warn(messageOf(error)));
    if (failure === STOPPED) this.#ended.resolve();
    else this.#ended.reject(failure);
  }

  /** Says where an error came from that does not say so itself. */
  #located(error: unknown): unknown {
    if (this.#stage !== 'TASK_PUT') return taskFailure(error, this.#spec.id);
    return putFailure(error, this.#spec.id, this.#definition.class, this.#underWay?.records ?? []);
  }

  async #finish(orderly: boolean): Promise<void> {
    const assignment = [...this.#consumer.assignment];
    try {
      if (orderly && assignment.length > 0) await this.#commit(assignment);
    } finally {
      await this.#plugin.close?.(assignment);
      await this.#plugin.stop?.();
    }
  }

  async #iterate(): Promise<void> {
    if (performance.now() >= this.#progress.dueAt) await this.#commit(this.#consumer.assignment);
    const again = this.#gate.closed ? undefined : this.#held.take();
    if (again) {
      await this.#put(again);
      return;
    }
    const quiet = !this.#held.empty || this.#gate.closed;
    if (quiet) this.#consumer.pause(this.#consumer.assignment);
    const { metrics } = this.#env;
    // Room is taken for records that are there: a task that waits for its records holds none, and follows its group.
    const ready = await this.#ready(quiet);
    metrics.set('partition-count', this.#consumer.assignment.length);
    if (!ready) return;
    await this.#room.take(this.#interrupt.signal);
    try {
      this.#interrupt.check();
      const maxRecords = Number(this.#spec.connectorProps['consumer.override.max.poll.records'] ?? MAX_POLL_RECORDS);
      const raw = await this.#consumer.poll({ maxRecords, timeoutMs: 0 });
      this.#room.fill(sizeOf(raw));
      if (raw.length === 0) return;
      metrics.count('sink-record-read-total', raw.length);
      metrics.observe('batch-size', raw.length);
      await this.#accept(raw);
    } finally {
      this.#room.giveBack();
    }
    metrics.set('sink-record-lag-max', Math.max(0, ...this.#consumer.lag().map(({ lag }) => lag)));
  }

  async #commit(partitions: readonly TopicPartition[]): Promise<void> {
    if ((await this.#progress.commit(partitions)) === 'back') this.#held.drop();
  }

  /** Waits for records, no longer than until something else is due. */
  async #ready(quiet: boolean): Promise<boolean> {
    if (this.#wakePoll.signal.aborted) this.#wakePoll = new AbortController();
    this.#interrupt.check();
    // A paused task keeps what it holds.
    const until = Math.min(this.#progress.dueAt, this.#gate.closed ? Number.POSITIVE_INFINITY : this.#held.dueAt);
    const timeoutMs = Math.max(1, Math.min(POLL_TIMEOUT_MS, until - performance.now()));
    if (!quiet) this.#resumeAll();
    const asked = performance.now();
    const { signal } = this.#wakePoll;
    const ready = await this.#consumer.ready({ timeoutMs, signal }).catch((error: unknown) => {
      if (signal.aborted && (error as Error).name === 'AbortError') return false;
      throw error;
    });
    this.#env.metrics.observe('poll-batch-time-ms', performance.now() - asked);
    return ready;
  }

  #resumeAll(): void {
    const resumable = this.#consumer.assignment.filter((place) => !this.#pausedByPlugin.has(place));
    this.#consumer.resume(resumable);
  }

  /** Converts a poll's records and puts them, slice by slice. */
  async #accept(raw: readonly RecordRead[]): Promise<void> {
    const records: SinkRecord[] = [];
    await inSlices(raw, async (slice) => {
      for (const record of await this.#pipeline.process(slice)) records.push(record);
      await this.#deadLetters?.send();
    });
    const reaches = new PositionMap();
    for (const record of raw) {
      if (!reaches.has(record)) this.#progress.began(record);
      reaches.set(record, record.offset + 1);
    }
    const places = reaches.entries();
    for (const { topic } of places) this.#events.topic(topic);
    await this.#put({ records, reaches: places });
  }

  async #put(batch: Batch): Promise<void> {
    const { metrics } = this.#env;
    const started = performance.now();
    this.#stage = 'TASK_PUT';
    this.#underWay = batch;
    const delivered = batch.records.length === 0 ? DELIVERED : await this.#delivery.deliver(batch.records);
    this.#stage = undefined;
    this.#underWay = undefined;
    await this.#deadLetters?.send();
    if (!delivered.done) {
      this.#hold(batch, delivered.rest, delivered.error);
      return;
    }
    this.#held.taken();
    metrics.observe('put-batch-time-ms', performance.now() - started);
    metrics.count('sink-record-send-total', batch.records.length);
    metrics.change('sink-record-active-count', batch.records.length);
    this.#progress.took(batch.records, batch.reaches);
  }

  /** Keeps what the sink could not take now; its partitions are paused until it has it. */
  #hold(batch: Batch, rest: readonly SinkRecord[], error: RetriableError | null): void {
    const records = rest.filter((record) => !this.#reported.has(record));
    const held = { records, reaches: batch.reaches };
    if (error === null) {
      this.#held.holdUnheard(held);
      this.#env.log.debug(`${rest.length} records wait until the group was heard again`);
      return;
    }
    const delay = this.#held.hold(held);
    this.#env.metrics.retried();
    this.#env.log.warn(
      `The sink could not take ${rest.length} records and gets them again in ${delay} ms: ${messageOf(error)}`,
    );
  }

  async #assigned(partitions: readonly TopicPartition[], committed: readonly OffsetAndMetadata[]): Promise<void> {
    this.#progress.assigned(committed);
    this.#env.log.debug('Partitions assigned', {
      partitions: partitions.map(({ topic, partition }) => `${topic}-${partition}`),
    });
    await this.#plugin.open?.(partitions);
  }

  async #revoked(partitions: readonly TopicPartition[]): Promise<void> {
    if (!this.#mayWrite) return this.#lost(partitions);
    try {
      // All of it: dead letters of other partitions may be in the same transaction.
      const stay = this.#consumer.assignment.filter((one) => !partitions.some((gone) => samePlace(one, gone)));
      await this.#commit([...stay, ...partitions]);
    } finally {
      await this.#forget(partitions);
    }
  }

  async #lost(partitions: readonly TopicPartition[]): Promise<void> {
    // Letters of partitions that stay are taken back with them; so their records must come again.
    await this.#deadLetters?.abort();
    this.#progress.rewind(this.#consumer.assignment);
    this.#held.drop();
    this.#env.log.warn('Partitions were lost; their records since the last commit come again', {
      partitions: partitions.map(({ topic, partition }) => `${topic}-${partition}`),
    });
    await this.#forget(partitions);
  }

  async #forget(partitions: readonly TopicPartition[]): Promise<void> {
    this.#progress.forget(partitions);
    this.#held.forget(partitions);
    for (const place of partitions) this.#pausedByPlugin.delete(place);
    await this.#plugin.close?.(partitions);
  }
}
