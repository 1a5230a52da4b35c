import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { TopicPartition, TopicPartitionOffset } from '@tributary/api';
import type {
  Broker,
  GroupConsumer,
  GroupConsumerOptions,
  Producer,
  ProducerOptions,
  RecordRead,
  RecordToSend,
  TopicReader,
  TopicReaderOptions,
} from '../../../src/broker/port.ts';

/** What is special about the broker. */
export interface BenchOptions {
  /** Whether the broker takes a value of 10 MB where the topic's `max.message.bytes` allows it. Default: true. */
  readonly largeValues?: boolean;
  /** Makes the broker compact the topic now, or resolves once it has. Without it, what compaction leaves is not looked at. */
  readonly compact?: (broker: Broker, topic: string) => Promise<void>;
  /** Topic configs that let `compact` work, such as short segments. */
  readonly compactConfigs?: Readonly<Record<string, string>>;
  /** Whether answers of the broker may get lost on their way, so that a call was carried out without the client knowing. Default: false. */
  readonly answersGetLost?: boolean;
  /** How long a condition may take to come true, in milliseconds. Default: 30,000. */
  readonly patienceMs?: number;
}

export const bytes = (text: string): Uint8Array => Buffer.from(text);
export const text = (value: Uint8Array | null): string | null =>
  value === null ? null : Buffer.from(value).toString();
export const values = (records: readonly RecordRead[]): Array<string | null> => records.map((r) => text(r.value));

/** A record to send; keys and values may be given as text. */
export function record(
  topic: string,
  value: string | Uint8Array | null,
  rest: Partial<Omit<RecordToSend, 'key' | 'value'>> & { key?: string | Uint8Array | null } = {},
): RecordToSend {
  const raw = (given: string | Uint8Array | null | undefined): Uint8Array | null =>
    typeof given === 'string' ? bytes(given) : (given ?? null);
  return { topic, partition: 0, timestamp: null, headers: [], ...rest, key: raw(rest.key), value: raw(value) };
}

/** Numbered values: `prefix0`, `prefix1` ... */
export const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** A promise that is settled from outside. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

export const place = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;
export const places = (list: readonly TopicPartition[]): string[] => list.map(place).sort();

/** What the cases share: a broker, unique names, and everything they make closed at their end. */
export class Bench {
  readonly broker: Broker;
  readonly makeBroker: () => Promise<Broker>;
  readonly options: BenchOptions;
  readonly patienceMs: number;

  constructor(broker: Broker, makeBroker: () => Promise<Broker>, options: BenchOptions) {
    this.broker = broker;
    this.makeBroker = makeBroker;
    this.options = options;
    this.patienceMs = options.patienceMs ?? 30_000;
  }

  name(prefix: string): string {
    return `${prefix}-${randomUUID().slice(0, 8)}`;
  }

  async topic(partitions = 1, configs: Readonly<Record<string, string>> = {}, name = this.name('topic')) {
    await this.broker.topics.create({ name, partitions, replicationFactor: 1, configs });
    return name;
  }

  producer(t: Tap, options: Partial<ProducerOptions> = {}): Promise<Producer> {
    return this.broker.producer({ clientId: 'contract', ...options }).then((producer) => {
      t.teardown(() => producer.close(1000).catch(() => {}));
      return producer;
    });
  }

  consumer(t: Tap, options: Partial<GroupConsumerOptions>): GroupConsumer {
    const consumer = this.broker.consumer({ clientId: 'contract', groupId: this.name('group'), ...options });
    t.teardown(() => consumer.close());
    return consumer;
  }

  reader(t: Tap, options: Pick<TopicReaderOptions, 'topic'> & Partial<TopicReaderOptions>): Reading {
    const seen: RecordRead[] = [];
    const errors: Error[] = [];
    const reader = this.broker.reader({
      clientId: 'contract',
      onRecords: (records) => void seen.push(...records),
      onError: (error) => void errors.push(error),
      ...options,
    });
    t.teardown(() => reader.close());
    return { reader, seen, errors };
  }

  /** Sends records one call for all, with a producer of its own. */
  async send(records: readonly RecordToSend[]): Promise<readonly TopicPartitionOffset[]> {
    const producer = await this.broker.producer({ clientId: 'contract' });
    try {
      return await producer.send(records);
    } finally {
      await producer.close();
    }
  }

  /** Polls until the condition holds; fails when patience ends. */
  async until<T>(what: string, probe: () => T | Promise<T>): Promise<Exclude<T, null | undefined | false>> {
    const end = Date.now() + this.patienceMs;
    for (;;) {
      const found = await probe();
      if (found) return found as Exclude<T, null | undefined | false>;
      if (Date.now() > end) throw new Error(`Gave up waiting until ${what}`);
      await delay(5);
    }
  }

  /** Polls until so many records have come. */
  async take(consumer: GroupConsumer, count: number, maxRecords = 500): Promise<RecordRead[]> {
    const taken: RecordRead[] = [];
    await this.until(`${count} records have come`, async () => {
      taken.push(...(await consumer.poll({ maxRecords: Math.min(maxRecords, count - taken.length), timeoutMs: 200 })));
      return taken.length >= count;
    });
    return taken;
  }

  /** Polls until the member has so many partitions; answers with the records that came meanwhile. */
  async join(consumer: GroupConsumer, partitions: number): Promise<RecordRead[]> {
    const taken: RecordRead[] = [];
    await this.until(`the member has ${partitions} partitions`, async () => {
      taken.push(...(await consumer.poll({ maxRecords: 500, timeoutMs: 50 })));
      return consumer.assignment.length === partitions;
    });
    return taken;
  }

  /** Reads a topic from the beginning to its end, with a reader of its own. */
  async contents(topic: string, isolation: TopicReaderOptions['isolation'] = 'read_committed'): Promise<RecordRead[]> {
    const seen: RecordRead[] = [];
    let failed: Error | undefined;
    const reader = this.broker.reader({
      clientId: 'contract',
      topic,
      isolation,
      onRecords: (records) => void seen.push(...records),
      onError: (error) => {
        failed = error;
      },
    });
    try {
      await reader.readToEnd();
      if (failed) throw failed;
      return seen;
    } finally {
      await reader.close();
    }
  }

  /** As `contents`, once so many records are stable: a commit may return before its records are visible. */
  async settled(topic: string, count: number): Promise<RecordRead[]> {
    return this.until(`${count} records are stable`, async () => {
      const records = await this.contents(topic);
      return records.length >= count && records;
    });
  }
}

export interface Reading {
  readonly reader: TopicReader;
  readonly seen: RecordRead[];
  readonly errors: Error[];
}

/** The part of tap's test object that the helpers need. */
export interface Tap {
  teardown(handler: () => unknown): void;
}

/** A member that polls in the background, as a task does, and writes down what happens to it. */
export class Member {
  readonly consumer: GroupConsumer;
  readonly records: RecordRead[] = [];
  readonly events: string[] = [];
  #running = true;
  #done: Promise<void>;
  #failure: unknown;

  constructor(bench: Bench, t: Tap, options: Partial<GroupConsumerOptions>) {
    this.consumer = bench.consumer(t, {
      ...options,
      onAssigned: async (partitions, committed) => {
        this.events.push(`assigned ${places(partitions)}`);
        await options.onAssigned?.(partitions, committed);
      },
      onRevoked: async (partitions) => {
        this.events.push(`revoked ${places(partitions)}`);
        await options.onRevoked?.(partitions);
      },
      onLost: async (partitions) => {
        this.events.push(`lost ${places(partitions)}`);
        await options.onLost?.(partitions);
      },
    });
    this.#done = this.#loop();
    t.teardown(() => this.stop());
  }

  get held(): string[] {
    return places(this.consumer.assignment);
  }

  /** Throws what `poll` threw. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Stops polling; the member stays in its group. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  /** Stops polling and leaves the group. */
  async leave(): Promise<void> {
    await this.stop();
    await this.consumer.close();
  }

  async #loop(): Promise<void> {
    try {
      while (this.#running) this.records.push(...(await this.consumer.poll({ maxRecords: 500, timeoutMs: 50 })));
    } catch (error) {
      this.#failure = error;
    }
  }
}

/** Where to go on after these records, for every partition among them. */
export function positionsAfter(records: readonly RecordRead[]): TopicPartitionOffset[] {
  const next = new Map<string, TopicPartitionOffset>();
  for (const r of records) next.set(place(r), { topic: r.topic, partition: r.partition, offset: r.offset + 1 });
  return [...next.values()];
}
