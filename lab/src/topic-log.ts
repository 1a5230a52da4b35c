import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, type KafkaMessage, logLevel } from 'kafkajs';

/** A record of the numbered source, at its place. */
export interface NumberAt {
  readonly partition: number;
  readonly offset: number;
  readonly lane: number;
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** Another client than the workers', by a way of its own. */
export class TopicLog {
  readonly #kafka: Kafka;
  readonly #group: string;
  /** What marks the end of a partition for whoever reads it. */
  readonly mark: string;
  #reads = 0;

  /** @param run tells runs apart */
  constructor(bootstrap: string, run: string) {
    this.#kafka = new Kafka({
      clientId: 'lab',
      brokers: bootstrap.split(','),
      logLevel: logLevel.NOTHING,
      retry: { retries: 30, maxRetryTime: 3_000 },
    });
    this.#group = `lab-${run}`;
    this.mark = `end:${run}`;
  }

  /** Creates topics with as many replicas as the brokers make of them. */
  async create(topics: readonly string[], partitions: number): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: partitions })) });
    await admin.disconnect();
  }

  /** Writes a last record to each partition, by which readers know the end. */
  async end(topics: readonly string[], partitions: number): Promise<void> {
    const producer = this.#kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    const messages = Array.from({ length: partitions }, (_none, partition) => ({ partition, value: this.mark }));
    await producer.sendBatch({ topicMessages: topics.map((topic) => ({ topic, messages })) });
    await producer.disconnect();
  }

  /**
   * Reads what is committed, up to the end marks.
   * @throws Error if an end mark is not reached within `timeoutMs` of the last progress, as behind a transaction that stays open
   */
  async read(
    topics: readonly string[],
    partitions: number,
    timeoutMs: number,
    onRecord: (topic: string, record: NumberAt) => void,
    onOther: (topic: string, partition: number, offset: number, value: string) => void,
  ): Promise<void> {
    const open = new Set(topics.flatMap((topic) => Array.from({ length: partitions }, (_none, p) => `${topic}-${p}`)));
    const next = new Map<string, number>();
    const ended = await this.#consume({
      topics,
      silenceMs: timeoutMs,
      done: () => open.size === 0,
      onMessage: (topic, partition, message) => {
        const place = `${topic}-${partition}`;
        const offset = Number(message.offset);
        // A group that was rebalanced may be given records again.
        if (offset < (next.get(place) ?? 0) || !open.has(place)) return;
        next.set(place, offset + 1);
        const value = message.value?.toString() ?? '';
        const parts = /^(\d+):(\d+)$/.exec(value);
        if (value === this.mark) open.delete(place);
        else if (!parts) onOther(topic, partition, offset, value);
        else {
          const timestamp = Number(message.timestamp);
          onRecord(topic, { partition, offset, lane: Number(parts[1]), number: Number(parts[2]), timestamp });
        }
      },
    });
    if (!ended) throw new Error(`nothing came for ${timeoutMs / 1000} s from ${[...open].join(', ')}`);
  }

  /** The latest value of each key of a compacted topic that nobody writes to. */
  async latest(topic: string): Promise<ReadonlyMap<string, string>> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const ends = await admin.fetchTopicOffsets(topic);
    await admin.disconnect();
    const written = ends.filter(({ high, low }) => high !== low);
    const open = new Map(written.map(({ partition, high }) => [partition, Number(high)]));
    const found = new Map<string, string>();
    // The ends of transactions, which come last, are not given out: that nothing comes tells the end too.
    await this.#consume({
      topics: [topic],
      silenceMs: 5_000,
      done: () => open.size === 0,
      onMessage: (_topic, partition, { key, value, offset }) => {
        found.set(key?.toString() ?? '', value?.toString() ?? '');
        if (Number(offset) + 1 >= (open.get(partition) ?? 0)) open.delete(partition);
      },
    });
    return found;
  }

  /** @returns whether it was done before nothing came for `silenceMs` */
  async #consume({ topics, silenceMs, done, onMessage }: Consumption): Promise<boolean> {
    const consumer = this.#kafka.consumer({ groupId: `${this.#group}-${++this.#reads}` });
    await consumer.connect();
    let lastMs = Date.now();
    try {
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          lastMs = Date.now();
          for (const message of batch.messages) onMessage(batch.topic, batch.partition, message);
        },
      });
      while (!done()) {
        if (Date.now() - lastMs > silenceMs) return false;
        await sleep(50);
      }
      return true;
    } finally {
      await consumer.disconnect();
    }
  }
}

interface Consumption {
  readonly topics: readonly string[];
  readonly silenceMs: number;
  done(): boolean;
  onMessage(topic: string, partition: number, message: KafkaMessage): void;
}
