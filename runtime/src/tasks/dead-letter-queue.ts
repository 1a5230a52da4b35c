import {
  type Config,
  ConfigError,
  ConnectError,
  FatalError,
  messageOf,
  type OffsetAndMetadata,
  RetriableError,
  type SinkRecord,
} from '@tributary/api';
import { CommitFailedError, ProducerFencedError } from '../broker/errors.ts';
import type { Broker, GroupMembership, Producer, RecordRead, RecordToSend } from '../broker/port.ts';
import type { commonConfig, deadLetterConfig } from '../config/connector-config.ts';
import { exactlyOnceEnabled, transactionalIdOf } from '../config/exactly-once.ts';
import type { TaskMetrics } from '../metrics/task-metrics.ts';
import type { Converters } from '../pipeline/converters.ts';
import { type DeadLetterSettings, sinkDeadLetter } from '../pipeline/dead-letters.ts';
import type { Failure, RecordPlace } from '../pipeline/errors.ts';
import { originalOf } from '../pipeline/original.ts';
import { clientConfigs } from './clients.ts';
import { mayRecover } from './recoverable.ts';
import type { TaskEnvironment } from './task.ts';
import type { TaskId, TaskSpec } from './task-spec.ts';

/** Bytes of dead letters that may be on their way before the task waits for them. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Where a task's dead letters go, if its config says so; makes sure that the topic is there. As in Java it has one partition.
 * @throws ConfigError with the remedy
 */
export async function openDeadLetters(
  framework: Config<typeof deadLetterConfig>,
  id: TaskId,
  broker: Broker,
): Promise<DeadLetterSettings | undefined> {
  const topic = framework['errors.deadletterqueue.topic.name'].trim();
  if (topic === '') return undefined;
  await ensureTopicOf(broker, topic, framework['errors.deadletterqueue.topic.replication.factor']);
  return { topic, contextHeaders: framework['errors.deadletterqueue.context.headers.enable'], ...id };
}

async function ensureTopicOf(broker: Broker, topic: string, replicationFactor: number): Promise<void> {
  if ((await broker.topics.describe([topic])).has(topic)) return;
  try {
    await broker.topics.create({ name: topic, partitions: 1, replicationFactor, configs: {} });
  } catch (error) {
    throw new ConfigError(
      `The dead letter queue topic ${topic} cannot be created with errors.deadletterqueue.topic.replication.factor=${replicationFactor}: ${messageOf(error)}. Create it yourself, or set a replication factor that the cluster has brokers for`,
      { cause: error },
    );
  }
}

/** How long letters may wait in an open transaction for the next commit of offsets, in milliseconds: nobody sees them before it. */
const LETTERS_DUE_MS = 2_000;
/** After this they are committed without offsets, before the broker ends the transaction (by default after 60,000 ms). */
const LETTERS_ALONE_MS = 20_000;

export interface DeadLetterQueueOptions extends DeadLetterSettings {
  readonly producer: Producer;
  /** Whether letters are written in transactions with the offsets behind their records: each once, whatever happens. */
  readonly transactional: boolean;
  readonly converters: Converters;
  readonly metrics: TaskMetrics;
  /** Whether the records are certainly still this task's: otherwise letters wait. */
  mayWrite(): boolean;
}

interface Waiting {
  readonly place: RecordPlace;
  readonly letter: RecordToSend | Promise<RecordToSend>;
}

const inOrder = ({ place: a }: Waiting, { place: b }: Waiting): number =>
  a.topic === b.topic && a.partition === b.partition ? a.offset! - b.offset! : 0;

/** The dead letter queue that a sink's config names, or undefined. @throws ConfigError */
export async function openDeadLetterQueue(
  framework: Config<typeof commonConfig & typeof deadLetterConfig>,
  spec: TaskSpec,
  { clients, metrics }: TaskEnvironment,
  converters: Converters,
  mayWrite: () => boolean,
): Promise<DeadLetterQueue | undefined> {
  const { id } = spec;
  const settings = await openDeadLetters(framework, id, clients.admin);
  if (!settings) return undefined;
  const { workerProps } = spec.settings;
  // A record that stops the task is not passed by: its letter does not wait for offsets that never come.
  const transactional = exactlyOnceEnabled(workerProps) && framework['errors.tolerance'] === 'all';
  return new DeadLetterQueue({
    ...settings,
    converters,
    metrics,
    mayWrite,
    transactional,
    producer: await clients.producer.producer({
      clientId: `connector-dlq-producer-${id.connector}-${id.task}`,
      ...(transactional
        ? { transactionalId: `${transactionalIdOf(workerProps['group.id'] ?? '', id.connector, id.task)}-dlq` }
        : {}),
      overrides: clientConfigs(spec, 'producer'),
    }),
  });
}

/**
 * The dead letter queue of a sink task. Letters are sent in the background, those of one slice of a batch together and in the order of
 * their records, whatever the stage they failed at; the task commits offsets only after `flush`, or with them in one transaction.
 */
export class DeadLetterQueue {
  readonly #options: DeadLetterQueueOptions;
  #waiting: Waiting[] = [];
  #underWay: Promise<void> = Promise.resolve();
  #bytes = 0;
  #failure: ConnectError | undefined;
  /** The producer has failed in a way that passes; it is started anew before the next letter. */
  #broken = false;
  /** Another task has the transactional id. */
  #fenced = false;
  /** The transaction that is open, if letters are in one. */
  #open: { readonly since: number; dueAt: number } | undefined;

  constructor(options: DeadLetterQueueOptions) {
    this.#options = options;
  }

  /** Sends the record that failed, as it was read. */
  report(failure: Failure): void {
    const { metrics } = this.#options;
    metrics.count('deadletterqueue-produce-requests');
    const original = originalOf(failure.record);
    const letter = original
      ? sinkDeadLetter(this.#options, original, failure)
      : this.#again(failure.record as SinkRecord).then((made) => sinkDeadLetter(this.#options, made, failure));
    this.#waiting.push({ place: failure.place, letter });
  }

  /** Sends what was reported; to be called after each slice. A failure shows at the next commit. @returns undefined, or a wait until there is room for more */
  send(): Promise<void> | undefined {
    this.#send();
    return this.#bytes > MAX_BYTES ? this.#underWay : undefined;
  }

  /**
   * Resolves when every letter so far is acknowledged.
   * @throws ConnectError if one could not be written: offsets must not pass it; RetriableError if all since the last commit have to
   *   come again; CommitFailedError if one may not be written now
   */
  async flush(): Promise<void> {
    this.#send();
    if (this.#waiting.length > 0)
      throw new CommitFailedError('The group was not heard of: dead letters and the offsets behind them wait');
    await this.#underWay;
    const failure = this.#failure;
    if (!failure) return;
    if (!this.#passes(failure.cause)) throw failure;
    await this.abort();
    throw new RetriableError(failure.message, { cause: failure });
  }

  /**
   * Resolves when every letter so far is stored for good, without the offsets behind their records: for a sink whose own offsets pass them.
   * @throws RetriableError if that could not be done; the next commit finds that out as well, and has the records come again; FatalError if it
   *   never will
   */
  async settle(): Promise<void> {
    this.#send();
    if (this.#waiting.length > 0) throw new RetriableError('The group was not heard of: dead letters wait');
    if (this.#options.transactional) this.#underWay = this.#commitAlone(this.#underWay);
    await this.#underWay;
    const failure = this.#failure;
    if (!failure) return;
    const Kind = this.#passes(failure.cause) ? RetriableError : FatalError;
    throw new Kind(failure.message, { cause: failure });
  }

  /** When the open transaction wants to be committed, by the clock of `performance.now()`. */
  get dueAt(): number {
    if (this.#failure) return Number.NEGATIVE_INFINITY;
    return this.#open?.dueAt ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Commits letters and these offsets together, if letters are in a transaction.
   * @returns whether the offsets are committed; if not, it is for the caller to commit them after `flush`
   * @throws CommitFailedError, after which neither letters nor offsets are committed
   */
  async commitWith(offsets: readonly OffsetAndMetadata[], group: GroupMembership | null): Promise<boolean> {
    await this.flush();
    if (!this.#open) return false;
    const { producer } = this.#options;
    const together = offsets.length > 0 && group !== null;
    if (!together && performance.now() - this.#open.since < LETTERS_ALONE_MS) {
      this.#open.dueAt = performance.now() + LETTERS_DUE_MS;
      return false;
    }
    try {
      if (together) await producer.sendOffsets(offsets, group);
      await producer.commit();
      this.#open = undefined;
    } catch (error) {
      this.#broken ||= mayRecover(error);
      await this.abort();
      throw this.#broken ? new RetriableError(messageOf(error), { cause: error }) : error;
    }
    return together;
  }

  /** Takes back letters that are not committed: their records come again. */
  async abort(): Promise<void> {
    this.#waiting = [];
    await this.#underWay;
    if (this.#failure && this.#passes(this.#failure.cause)) {
      this.#failure = undefined;
      this.#broken = true;
    }
    if (!this.#open) return;
    this.#open = undefined;
    if (this.#broken) return;
    try {
      await this.#options.producer.abort();
    } catch (error) {
      if (!mayRecover(error)) throw error;
      this.#broken = true;
    }
  }

  /** Waits for what was sent, as far as that is possible within a few seconds. */
  async close(): Promise<void> {
    await this.#options.producer.close();
  }

  #send(): void {
    if (this.#waiting.length === 0 || !this.#options.mayWrite()) return;
    const waiting = this.#waiting.sort(inOrder);
    this.#waiting = [];
    const before = this.#underWay;
    this.#underWay = this.#deliver(
      waiting.map(({ letter }) => letter),
      before,
    );
  }

  async #deliver(waiting: ReadonlyArray<RecordToSend | Promise<RecordToSend>>, before: Promise<void>): Promise<void> {
    let bytes = 0;
    try {
      const late = waiting.some((letter) => letter instanceof Promise);
      const letters = late ? await Promise.all(waiting) : (waiting as readonly RecordToSend[]);
      for (const { key, value } of letters) bytes += (key?.length ?? 0) + (value?.length ?? 0);
      this.#bytes += bytes;
      if (this.#options.transactional || this.#broken) await before;
      if (this.#broken) await this.#mend();
      if (this.#options.transactional) await this.#begin();
      await this.#options.producer.send(letters);
    } catch (error) {
      this.#options.metrics.count('deadletterqueue-produce-failures', waiting.length);
      this.#failure ??= new ConnectError(
        `${waiting.length} records could not be written to the dead letter queue ${this.#options.topic}; the offsets stay before them: ${messageOf(error)}`,
        { cause: error },
      );
    } finally {
      this.#bytes -= bytes;
    }
    await before;
  }

  async #commitAlone(before: Promise<void>): Promise<void> {
    await before;
    if (!this.#open || this.#failure) return;
    try {
      await this.#options.producer.commit();
      this.#open = undefined;
    } catch (error) {
      this.#failure = new ConnectError(
        `Dead letters could not be committed to ${this.#options.topic}; the offsets stay before them: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  async #mend(): Promise<void> {
    try {
      await this.#options.producer.recover();
      this.#broken = false;
    } catch (error) {
      this.#fenced = error instanceof ProducerFencedError;
      throw error;
    }
  }

  /** Whether letters and the offsets behind them can be had again from the start. */
  #passes(error: unknown): boolean {
    return !this.#fenced && mayRecover(error);
  }

  async #begin(): Promise<void> {
    if (this.#open) return;
    await this.#options.producer.begin();
    const since = performance.now();
    this.#open = { since, dueAt: since + LETTERS_DUE_MS };
  }

  /** A record that the sink made itself has no bytes as read: it is converted back, as Java does. */
  async #again(record: SinkRecord): Promise<RecordRead> {
    const { key, value, header } = this.#options.converters;
    const { topic } = record;
    return {
      topic: record.originalTopic,
      partition: record.originalPartition,
      offset: record.originalOffset,
      timestamp: record.timestamp ?? -1,
      timestampType: record.timestampType,
      key: await key.converter.fromConnect(topic, record.keySchema, record.key),
      value: await value.converter.fromConnect(topic, record.valueSchema, record.value),
      headers: record.headers.map(({ key: name, value: content, schema }) => ({
        key: name,
        value: header.converter.fromConnectHeader(topic, name, schema, content),
      })),
    };
  }
}
