import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Config,
  type ConfigDef,
  ConfigError,
  messageOf,
  RetriableError,
  type SourceContext,
  type SourceDefinition,
  type SourceOffset,
  type SourcePartition,
  type SourceRecord,
  type SourceRecordInput,
  sourceRecord,
} from '@tributary/api';
import type { Producer, RecordToSend, TopicDescription } from '../broker/port.ts';
import { commonConfig, deadLetterConfig, sourceConfig } from '../config/connector-config.ts';
import { exactlyOnceEnabled, transactionalIdOf } from '../config/exactly-once.ts';
import { sourceDeadLetter } from '../pipeline/dead-letters.ts';
import { type Reporter, retryDelay, taskFailure } from '../pipeline/errors.ts';
import { inSlices } from '../pipeline/slices.ts';
import { SourcePipeline, type TopicLimits } from '../pipeline/source-pipeline.ts';
import { type LayeredOffsets, openOwnOffsets } from '../store/layered-offsets.ts';
import { PartitionMap } from '../store/partition-map.ts';
import { AcknowledgedSends } from './acknowledged-sends.ts';
import { clientConfigs } from './clients.ts';
import { openDeadLetters } from './dead-letter-queue.ts';
import { Gate } from './gate.ts';
import { Interrupt, STOPPED } from './interrupt.ts';
import { opened } from './opened.ts';
import { openParts } from './parts.ts';
import { BatchEstimate, Reservation } from './reservation.ts';
import { lastOffsets, SendError, type Sends } from './sends.ts';
import { SupersededError } from './superseded.ts';
import type { RunningTask, TaskEnvironment, TaskEvents } from './task.ts';
import type { TaskSpec } from './task-spec.ts';
import { ensureTopic, topicSpecs } from './topic-creation.ts';
import { type Boundary, TransactionalSends } from './transactional-sends.ts';

/** The longest pause before `run` is called again after a RetriableError, in milliseconds. */
const MAX_RESTART_DELAY_MS = 60_000;

/** What a topic takes, as far as it can be known before records are compressed. */
function limitsOf(topic: TopicDescription | undefined, producer: Readonly<Record<string, string>>): TopicLimits {
  const plain = (producer['compression.type'] ?? 'none') === 'none';
  const limits = [producer['max.request.size'], plain ? topic?.configs['max.message.bytes'] : undefined].flatMap(
    (text) => (text === undefined ? [] : [Number(text)]),
  );
  return { maxRecordBytes: limits.length === 0 ? null : Math.min(...limits) };
}

/**
 * The loop of a source task: pull a batch, transform, convert, send; store offsets behind the acknowledged records.
 * On a broker whose sends are atomic the offsets travel in the same send, and no record comes twice after a crash.
 */
export async function startSourceTask(
  spec: TaskSpec,
  definition: SourceDefinition,
  environment: TaskEnvironment,
  events: TaskEvents,
): Promise<RunningTask> {
  return opened(new SourceTask(spec, definition, environment, events));
}

class SourceTask implements RunningTask {
  readonly done: Promise<void>;
  readonly #spec: TaskSpec;
  readonly #definition: SourceDefinition;
  readonly #env: TaskEnvironment;
  readonly #events: TaskEvents;
  readonly #interrupt = new Interrupt();
  readonly #gate: Gate;
  readonly #estimate = new BatchEstimate();
  /** Offsets of accepted batches: where `run` goes on when it is called again. */
  readonly #accepted = new PartitionMap<SourceOffset>();
  readonly #ended = Promise.withResolvers<void>();
  #stopTimeoutMs = 0;
  #config!: Config<ConfigDef>;
  #producer: Producer | undefined;
  #sends!: Sends;
  #pipeline!: SourcePipeline;
  /** Dead letters of the records that are being processed; they travel with the batch, before whose offsets they are durable. */
  #letters: RecordToSend[] = [];
  #context!: SourceContext;
  #closeParts: ReadonlyArray<() => Promise<void>> = [];

  constructor(spec: TaskSpec, definition: SourceDefinition, environment: TaskEnvironment, events: TaskEvents) {
    this.#spec = spec;
    this.#definition = definition;
    this.#env = environment;
    this.#events = events;
    this.#gate = new Gate(spec.paused);
    this.done = this.#ended.promise;
    this.done.catch(() => {});
  }

  async open(): Promise<void> {
    const { id, connectorProps, taskProps, settings } = this.#spec;
    const { broker, clients, pluginLog, metrics } = this.#env;
    const { config, framework, chain, converters, errors, close } = await openParts(
      this.#spec,
      this.#definition.config,
      { ...commonConfig, ...sourceConfig, ...deadLetterConfig },
      this.#env,
      this.#interrupt.signal,
      (framework) => this.#deadLetters(framework),
    );
    this.#config = config;
    const own = await this.#openOwnOffsets(framework['offsets.storage.topic']);
    const offsets = own ?? this.#env.offsets;
    this.#closeParts = own ? [...close, () => own.close()] : close;
    const overrides = clientConfigs(this.#spec, 'producer');
    const boundary = framework['transaction.boundary'].toLowerCase() as Boundary;
    // One write of the embedded log is a transaction already.
    const transactional = exactlyOnceEnabled(settings.workerProps) && !(broker.atomicSends && boundary === 'poll');
    const specOf = topicSpecs(connectorProps, settings.topicCreation);
    this.#pipeline = new SourcePipeline(chain, converters, errors, async (topic) => {
      const description = await ensureTopic(clients.admin, specOf(topic));
      if (transactional && topic === offsets.topic) {
        throw new ConfigError(
          `${topic} holds the source offsets: with exactly-once support a source cannot write records there`,
        );
      }
      this.#events.topic(topic);
      return limitsOf(description, overrides);
    });
    const transactionalId = transactional
      ? transactionalIdOf(settings.workerProps['group.id'] ?? '', id.connector, id.task)
      : null;
    // Opening the producer fences whoever has the task, and what is written counts from then on.
    if (transactional) await this.#assertMayWrite();
    const producer = await clients.producer.producer({
      clientId: `connector-producer-${id.connector}-${id.task}`,
      ...(transactionalId === null ? {} : { transactionalId }),
      overrides,
    });
    this.#producer = producer;
    if (transactional) await this.#assertMayWrite();
    // After the producer, which ends what an earlier task had open; before the sends, whose timers nobody would stop.
    await offsets.refresh();
    const sendsOptions = {
      ...this.#env,
      offsets,
      connector: id.connector,
      producer,
      onFailure: (error: SendError) => this.#interrupt.fail(error),
      onDurable: this.#definition.committed
        ? (records: readonly SourceRecord[]) => void this.#tellCommitted(records)
        : null,
    };
    const inTransactions =
      transactionalId === null
        ? null
        : new TransactionalSends({
            ...sendsOptions,
            transactionalId,
            boundary,
            intervalMs: framework['transaction.boundary.interval.ms'] ?? settings.offsetFlushIntervalMs,
          });
    this.#sends =
      inTransactions ?? new AcknowledgedSends({ ...sendsOptions, intervalMs: settings.offsetFlushIntervalMs });
    const isPaused = (): boolean => this.#gate.closed;
    const get = (partition: SourcePartition): SourceOffset | null =>
      this.#accepted.get(partition) ?? offsets.get(id.connector, partition);
    this.#context = {
      ...id,
      props: taskProps,
      log: pluginLog,
      metrics: metrics.ofPlugin,
      signal: this.#interrupt.signal,
      get paused() {
        return isPaused();
      },
      transactions:
        inTransactions && boundary === 'connector'
          ? { commit: () => inTransactions.commit(), abort: () => inTransactions.abort() }
          : null,
      offsets: { get: async (partition) => get(partition), getAll: async (partitions) => partitions.map(get) },
    };
    void this.#live();
  }

  /** @throws SupersededError */
  async #assertMayWrite(): Promise<void> {
    if (!(await this.#events.mayWrite())) throw new SupersededError();
  }

  /** Lets go of what `open` has opened before it failed. */
  async discard(): Promise<void> {
    this.#interrupt.stop();
    await this.#close(0);
  }

  async #close(timeoutMs: number): Promise<void> {
    await this.#producer
      ?.close(timeoutMs)
      .catch((error: unknown) => this.#env.log.debug(`Closing the producer: ${messageOf(error)}`));
    for (const close of this.#closeParts) await close().catch((error: unknown) => this.#env.log.warn(messageOf(error)));
  }

  /** The connector's own offsets topic, where it names one. */
  async #openOwnOffsets(topic: string | null): Promise<LayeredOffsets | null> {
    const { clients, log, offsets } = this.#env;
    if (topic === null || topic === offsets.topic) return null;
    const { id, settings } = this.#spec;
    return openOwnOffsets(clients.admin, offsets, {
      topic,
      partitions: Number(settings.workerProps['offset.storage.partitions'] ?? -1),
      replicationFactor: Number(settings.workerProps['offset.storage.replication.factor'] ?? -1),
      clientId: `connector-offsets-${id.connector}-${id.task}`,
      log,
    });
  }

  /** A dead letter queue for a source (Java has none): letters go with the batch that their records were in. */
  async #deadLetters(framework: Config<typeof deadLetterConfig>): Promise<Reporter> {
    const { clients, metrics } = this.#env;
    const settings = await openDeadLetters(framework, this.#spec.id, clients.admin);
    if (!settings) return () => {};
    return (failure) => {
      metrics.count('deadletterqueue-produce-requests');
      const letter = sourceDeadLetter(settings, failure.record as SourceRecord, failure);
      this.#letters.push(letter);
    };
  }

  pause(): void {
    if (!this.#gate.close()) return;
    this.#sends.paused();
    this.#events.state('PAUSED');
  }

  resume(): void {
    if (this.#gate.open()) this.#events.state('RUNNING');
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#stopTimeoutMs = timeoutMs;
    this.#interrupt.stop();
    await this.done.catch(() => {});
  }

  async #live(): Promise<void> {
    let failure: unknown = STOPPED;
    try {
      this.#events.state(this.#gate.closed ? 'PAUSED' : 'RUNNING');
      await this.#runWithRetries();
    } catch (error) {
      if (!this.#interrupt.signal.aborted || !isStop(error)) failure = this.#located(error);
    }
    this.#interrupt.stop();
    const limit = sleep(Math.max(1, this.#stopTimeoutMs || this.#spec.settings.offsetFlushTimeoutMs), 'late' as const, {
      ref: false,
    });
    try {
      const outcome = await Promise.race([this.#sends.drain(failure === STOPPED), limit]);
      if (outcome === 'late')
        this.#env.log.warn(
          'The task did not finish what was on its way in time; it goes on from the offsets stored before',
        );
    } catch (error) {
      if (failure === STOPPED && !isStop(error)) failure = error;
    }
    await this.#close(Math.max(100, this.#stopTimeoutMs));
    if (failure === STOPPED) this.#ended.resolve();
    else this.#ended.reject(failure);
  }

  /** Says where an error came from that does not say so itself. */
  #located(error: unknown): unknown {
    const { id } = this.#spec;
    return taskFailure(
      error,
      error instanceof SendError
        ? { ...id, stage: 'KAFKA_PRODUCE' }
        : { ...id, stage: 'TASK_POLL', plugin: this.#definition.class },
    );
  }

  async #runWithRetries(): Promise<void> {
    for (let attempt = 1; ; ) {
      try {
        await this.#pull(() => {
          attempt = 1;
        });
        this.#env.log.info('The source has no more records; the task waits to be stopped');
        await this.#interrupt.wait(new Promise<never>(() => {}));
      } catch (error) {
        if (!(error instanceof RetriableError) || error instanceof SendError) throw error;
        const delay = retryDelay(attempt++, MAX_RESTART_DELAY_MS);
        this.#env.log.warn(`The source failed and is started again in ${delay} ms: ${messageOf(error)}`);
        await this.#interrupt.wait(sleep(delay, undefined, { signal: this.#interrupt.signal }));
      }
    }
  }

  async #pull(onBatch: () => void): Promise<void> {
    const iterator = this.#definition.run(this.#config, this.#context)[Symbol.asyncIterator]();
    try {
      while (true) {
        await this.#interrupt.wait(this.#gate.passed());
        const reservation = await Reservation.take(this.#env.budget, this.#estimate.bytes, this.#interrupt.signal);
        try {
          const asked = performance.now();
          const next = await this.#interrupt.wait(iterator.next());
          if (next.done) return;
          this.#env.metrics.observe('poll-batch-time-ms', performance.now() - asked);
          await this.#interrupt.wait(this.#gate.passed());
          onBatch();
          await this.#accept(next.value, reservation);
        } finally {
          reservation.end();
        }
      }
    } finally {
      // A generator that hangs in its own await cannot be ended; the task does not wait for it.
      void Promise.resolve(iterator.return?.()).catch(() => {});
    }
  }

  async #accept(batch: readonly SourceRecordInput[], reservation: Reservation): Promise<void> {
    if (batch.length === 0) return;
    const { metrics } = this.#env;
    metrics.count('source-record-poll-total', batch.length);
    metrics.observe('batch-size', batch.length);
    let bytes = 0;
    await inSlices(batch, async (slice) => {
      const records = slice.map(sourceRecord);
      const out = await this.#pipeline.process(records);
      const letters = this.#letters;
      this.#letters = [];
      const outgoing = { records, offsets: lastOffsets(records), out, letters };
      bytes += await this.#sends.send(outgoing, reservation, (room) => this.#interrupt.wait(room));
      // Slice by slice: if a later one fails for a while, what is on its way is not read again.
      for (const [partition, offset] of outgoing.offsets) this.#accepted.set(partition, offset);
    });
    this.#sends.endOfBatch();
    this.#estimate.learn(bytes);
  }

  async #tellCommitted(records: readonly SourceRecord[]): Promise<void> {
    try {
      await this.#definition.committed!(records, this.#context);
    } catch (error) {
      this.#interrupt.fail(error);
    }
  }
}

/** Whether an error only says that the task was stopped. */
const isStop = (error: unknown): boolean => error === STOPPED || (error as Error | undefined)?.name === 'AbortError';
