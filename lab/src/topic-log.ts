import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { javaRun } from '@tributary/services';
import { type Admin, Kafka, logLevel } from 'kafkajs';

/** Java's own client decides what is committed: kafkajs 2.2.4 gave out records of aborted transactions here. */
const READER = resolve(import.meta.dirname, '../java/ReadCommitted.java');
const READ_MS = 3_600_000;
const LEADERS_POLL_MS = 50;

/** A record of the numbered source, at its place. */
export interface NumberAt {
  readonly partition: number;
  readonly offset: number;
  readonly lane: number;
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

interface Line {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string;
  readonly value: string;
}

/** The topics as other clients than the workers' see them, by a way of their own. */
export class TopicLog {
  /** The value that marks the end of a partition for whoever reads it. */
  readonly mark: string;
  readonly #kafka: Kafka;
  readonly #bootstrap: string;
  readonly #folder: string;

  /** @param folder for what is read */
  constructor(bootstrap: string, folder: string) {
    this.#bootstrap = bootstrap;
    this.#folder = folder;
    this.mark = `end:${Date.now()}`;
    this.#kafka = new Kafka({
      clientId: 'lab',
      brokers: bootstrap.split(','),
      logLevel: logLevel.NOTHING,
      retry: { retries: 30, maxRetryTime: 3_000 },
    });
  }

  /** Creates topics with as many replicas as the brokers make of them. */
  async create(topics: readonly string[], partitions: number): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      // Its own wait for leaders gives up at once where a broker has not heard of the topic yet.
      const wanted = topics.map((topic) => ({ topic, numPartitions: partitions }));
      await admin.createTopics({ topics: wanted, waitForLeaders: false });
      while (!(await this.#led(admin, topics))) await sleep(LEADERS_POLL_MS);
    } finally {
      await admin.disconnect();
    }
  }

  async #led(admin: Admin, topics: readonly string[]): Promise<boolean> {
    const known = (await admin.fetchTopicMetadata()).topics;
    return topics.every((topic) =>
      known.find(({ name }) => name === topic)?.partitions.every(({ leader }) => leader >= 0),
    );
  }

  /** Deletes those of the topics that there are. */
  async delete(topics: readonly string[]): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const there = await admin.listTopics();
    const own = topics.filter((topic) => there.includes(topic));
    if (own.length > 0) await admin.deleteTopics({ topics: own });
    await admin.disconnect();
  }

  /** Whether every replica of every partition has what its leader has. */
  async inSync(): Promise<boolean> {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      const { topics } = await admin.fetchTopicMetadata();
      return topics.every(({ partitions }) => partitions.every(({ isr, replicas }) => isr.length === replicas.length));
    } finally {
      await admin.disconnect();
    }
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
   * @throws Error if an end mark is not reached and nothing comes for `silenceMs`, as behind a transaction that stays open
   */
  async read(
    topics: readonly string[],
    silenceMs: number,
    onRecord: (topic: string, record: NumberAt) => void,
    onOther: (topic: string, partition: number, offset: number, value: string) => void,
  ): Promise<void> {
    const unread = await this.#lines(topics, this.mark, silenceMs, (line) => {
      const { topic, partition, offset, timestamp, value } = line;
      const parts = /^(\d+):(\d+)$/.exec(value);
      if (parts) onRecord(topic, { partition, offset, lane: Number(parts[1]), number: Number(parts[2]), timestamp });
      else if (value !== this.mark) onOther(topic, partition, offset, value);
    });
    if (unread) throw new Error(`nothing came for ${silenceMs / 1000} s from ${unread}`);
  }

  /** The values of what is committed now. @throws Error if nothing comes for `silenceMs` before the end */
  async texts(topics: readonly string[], silenceMs: number, onText: (value: string) => void): Promise<void> {
    const unread = await this.#lines(topics, '', silenceMs, ({ value }) => onText(value));
    if (unread) throw new Error(`nothing came for ${silenceMs / 1000} s from ${unread}`);
  }

  /** The latest value of each key of a compacted topic. */
  async latest(topic: string, silenceMs: number): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    const unread = await this.#lines([topic], '', silenceMs, ({ key, value }) => found.set(key, value));
    if (unread) throw new Error(`nothing came for ${silenceMs / 1000} s from ${unread}`);
    return found;
  }

  /** @returns the partitions whose end was not reached */
  async #lines(
    topics: readonly string[],
    mark: string,
    silenceMs: number,
    onLine: (line: Line) => void,
  ): Promise<string> {
    const file = join(this.#folder, `${topics.join('-')}.tsv`);
    const unread = await javaRun({
      sourceFile: READER,
      args: [this.#bootstrap, file, mark, String(silenceMs), ...topics],
      jvmArgs: ['-Xmx256m'],
      timeoutMs: READ_MS,
    });
    for await (const text of createInterface({ input: createReadStream(file) })) {
      const [topic, partition, offset, timestamp, key, value] = text.split('\t') as [
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      const numbers = { partition: Number(partition), offset: Number(offset), timestamp: Number(timestamp) };
      onLine({ topic, ...numbers, key, value });
    }
    return unread.trim().replaceAll('\n', ', ');
  }
}
