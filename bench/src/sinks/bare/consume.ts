import { Kafka, logLevel } from 'kafkajs';

const COMMIT_INTERVAL_MS = 10_000;
/** What a fetch waits for, but not for long: writes of some rows each cost the store a fraction of single ones. Our sink's too. */
export const FETCH_BYTES = 64 * 1024;
export const FETCH_WAIT_MS = 25;

/** What every program of this folder is told, as JSON in its argument. */
export interface BareJob {
  readonly bootstrap: string;
  readonly topic: string;
  readonly table: string;
}

/**
 * Reads a topic with kafkajs and hands over its values in batches as they come. The next batch is fetched and made ready while the
 * writes of the one before are under way; what is acknowledged is committed every ten seconds.
 */
export async function consume(job: BareJob, write: (values: readonly Buffer[]) => Promise<void>): Promise<void> {
  const kafka = new Kafka({ clientId: 'bare', brokers: job.bootstrap.split(','), logLevel: logLevel.ERROR });
  const consumer = kafka.consumer({
    groupId: `bare-${job.table}`,
    minBytes: FETCH_BYTES,
    maxWaitTimeInMs: FETCH_WAIT_MS,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [job.topic], fromBeginning: true });
  const underWay = new Map<number, Promise<void>>();
  const acknowledged = new Map<number, string>();
  const fail = (error: unknown): never => {
    console.error(error);
    process.exit(1);
  };
  setInterval(() => {
    const offsets = [...acknowledged].map(([partition, offset]) => ({ topic: job.topic, partition, offset }));
    acknowledged.clear();
    if (offsets.length > 0) consumer.commitOffsets(offsets).catch(fail);
  }, COMMIT_INTERVAL_MS);
  process.once('SIGTERM', () => process.exit(0));
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 4,
    eachBatch: async ({ batch: { partition, messages } }) => {
      const last = messages.at(-1);
      if (!last) return;
      const before = underWay.get(partition);
      const written = write(messages.map(({ value }) => value!)).catch(fail);
      underWay.set(
        partition,
        written.then(() => void acknowledged.set(partition, String(BigInt(last.offset) + 1n))),
      );
      await before;
    },
  });
}

/** Lets at most `limit` run at once. */
export class Gate {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(limit: number) {
    this.#free = limit;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
