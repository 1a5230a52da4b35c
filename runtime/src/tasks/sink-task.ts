import { setTimeout as sleep } from 'node:timers/promises';
import {
  messageOf,
  type OffsetAndMetadata,
  type SinkTask as PluginTask,
  type SinkDefinition,
  type SinkRecord,
  type TopicPartition,
} from '@tributary/api';
import { javaRegExp } from '@tributary/api/text';
import type { GroupConsumer } from '../broker/port.ts';
import { commonConfig, sinkConfig } from '../config/connector-config.ts';
import { type ErrorHandler, taskFailure } from '../pipeline/errors.ts';
import { SinkPipeline, sinkPlace } from '../pipeline/sink-pipeline.ts';
import { type DeadLetterQueue, openDeadLetterQueue } from './dead-letter-queue.ts';
import { Gate } from './gate.ts';
import { HeldBatch } from './held-batch.ts';
import { instanceId } from './instance-id.ts';
import { Interrupt, STOPPED } from './interrupt.ts';
import { opened } from './opened.ts';
import { openParts } from './parts.ts';
import { PositionMap, samePlace } from './positions.ts';
import { Puts } from './puts.ts';
import { Reads } from './reads.ts';
import { consumerOverrides, sinkGroup } from './sink-clients.ts';
import { sinkContext } from './sink-context.ts';
import { putFailure } from './sink-failure.ts';
import { SinkProgress } from './sink-progress.ts';
import type { RunningTask, TaskEnvironment, TaskEvents } from './task.ts';
import type { TaskSpec } from './task-spec.ts';

/** Records that one poll may return, unless `consumer.override.max.poll.records` says otherwise. */
const MAX_POLL_RECORDS = 2_000;
/** The same where the next poll is converted while the sink puts one. */
const MAX_READ_AHEAD = 10_000;
/** How long a poll waits for records, in milliseconds; a stop or a pause interrupts it. */
const POLL_TIMEOUT_MS = 1_000;
/** Bytes that the consumer may fetch ahead of polls; one larger record comes all the same. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** The loop of a sink task: poll, convert, transform, put; flush and commit from time to time and before partitions leave. */
export async function startSinkTask(
  spec: TaskSpec,
  definition: SinkDefinition,
  environment: TaskEnvironment,
  events: TaskEvents,
): Promise<RunningTask> {
  return opened(new SinkTask(spec, definition, environment, events));
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
  #reads!: Reads;
  #puts!: Puts;
  #deadLetters: DeadLetterQueue | undefined;
  /** Records that the plugin reported: a batch that comes again comes without them. */
  readonly #reported = new WeakSet<SinkRecord>();
  /** Whether the sink has reported records whose dead letters may still be lost. */
  #errantUnsettled = false;
  #closeParts: ReadonlyArray<() => Promise<void>> = [];
  #looping = true;
  #progress!: SinkProgress;
  readonly #held = new HeldBatch();
  readonly #pausedByPlugin = new PositionMap();

  constructor(spec: TaskSpec, definition: SinkDefinition, environment: TaskEnvironment, events: TaskEvents) {
    this.#spec = spec;
    this.#definition = definition;
    this.#env = environment;
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
    this.#closeParts = close;
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
    this.#reads = new Reads({
      consumer: this.#consumer,
      pipeline: new SinkPipeline(chain, converters, errors, this.#deadLetters !== undefined),
      letters: this.#deadLetters,
      progress: this.#progress,
      budget: this.#env.budget,
      metrics: this.#env.metrics,
      interrupt: this.#interrupt,
      maxRecords: () => this.#maxRecords,
      onTopic: (name) => this.#events.topic(name),
    });
    this.#puts = new Puts({
      plugin: () => this.#plugin,
      errant: errors.tolerant ? (record, error) => this.#errant(errors, record, error) : null,
      reported: this.#reported,
      mayPut: () => this.#mayWrite,
      check: () => this.#interrupt.check(),
      interrupted: (error) => this.#interrupted(error),
      wake: () => this.#wakePoll.abort(),
      held: this.#held,
      progress: this.#progress,
      letters: this.#deadLetters,
      metrics: this.#env.metrics,
      log: this.#env.log,
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
        flushErrant: () => this.#flushErrant(),
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
    this.#reads.end();
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
    this.#errantUnsettled = true;
    handler.failed({ stage: 'TASK_PUT', plugin: this.#definition.class, error, place: sinkPlace(record), record });
  }

  /** Letters of what the sink has not seen may go on waiting for their offsets. */
  async #flushErrant(): Promise<void> {
    if (!this.#errantUnsettled) return;
    await this.#deadLetters?.settle();
    this.#errantUnsettled = false;
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
      failure = this.#outcome(error);
    }
    this.#interrupt.stop();
    await this.#puts.settled().catch((error: unknown) => {
      if (failure === STOPPED) failure = this.#outcome(error);
    });
    this.#looping = false;
    const outcome = await Promise.race([this.#finish(failure === STOPPED), this.#late()]).catch((error: unknown) => {
      if (failure === STOPPED) failure = this.#located(error);
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

  #outcome(error: unknown): unknown {
    return this.#interrupted(error) ? STOPPED : this.#located(error);
  }

  #interrupted(error: unknown): boolean {
    return this.#interrupt.signal.aborted && (error === STOPPED || (error as Error).name === 'AbortError');
  }

  /** Says where an error came from that does not say so itself. */
  #located(error: unknown): unknown {
    const batch = this.#puts.failedWith(error);
    if (!batch) return taskFailure(error, this.#spec.id);
    return putFailure(error, this.#spec.id, this.#definition.class, batch.records);
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
      await this.#puts.give(again);
      await this.#puts.settled();
      return;
    }
    const quiet = !this.#held.empty || this.#gate.closed;
    if (quiet) this.#consumer.pause(this.#consumer.assignment);
    // Room is taken for records that are there: a task that waits for its records holds none, and follows its group.
    const ready = await this.#ready(quiet);
    this.#env.metrics.set('partition-count', this.#consumer.assignment.length);
    if (!ready) return;
    if (!this.#reads.behind) await this.#puts.gather();
    await this.#reads.read((batch, done) => this.#puts.give(batch, done));
  }

  get #maxRecords(): number {
    const given = this.#spec.connectorProps['consumer.override.max.poll.records'];
    return Number(given ?? (this.#plugin.readAhead ? MAX_READ_AHEAD : MAX_POLL_RECORDS));
  }

  async #commit(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#puts.settled();
    if ((await this.#progress.commit(partitions)) === 'back') this.#held.drop();
  }

  /** Waits for records, no longer than until something else is due. */
  async #ready(quiet: boolean): Promise<boolean> {
    if (this.#wakePoll.signal.aborted) this.#wakePoll = new AbortController();
    this.#interrupt.check();
    this.#puts.check();
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

  async #assigned(partitions: readonly TopicPartition[], committed: readonly OffsetAndMetadata[]): Promise<void> {
    this.#progress.assigned(committed);
    this.#env.log.debug('Partitions assigned', {
      partitions: partitions.map(({ topic, partition }) => `${topic}-${partition}`),
    });
    await this.#plugin.open?.(partitions);
  }

  async #revoked(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#puts.settled();
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
    await this.#puts.settled();
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
