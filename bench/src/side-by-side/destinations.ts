import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Broker, RecordRead } from '../../../runtime/src/broker/port.ts';
import { type Digest, Digester, INPUT_BATCH_BYTES, lineOf } from './lines.ts';

const NEWLINE = 10;
const FILL_BATCH = 5_000;

/** Where a run's records arrive. */
export interface Destination {
  /** How much has arrived: records in a topic, bytes in a file. */
  progress(): Promise<number>;
  /** What has arrived, each record's value or line followed by a newline. */
  digest(): Promise<Digest>;
}

/** The values of a topic with one partition. */
export function topicDestination(broker: Broker, topic: string): Destination {
  return {
    async progress() {
      const ends = await broker.topics.endOffsets(topic);
      return ends.reduce((sum, { offset }) => sum + offset, 0);
    },
    async digest() {
      const digester = new Digester();
      const failed = Promise.withResolvers<never>();
      const reader = broker.reader({
        clientId: 'bench',
        topic,
        onRecords: (records) => addValues(digester, records),
        onError: failed.reject,
      });
      await Promise.race([reader.readToEnd(), failed.promise]);
      await reader.close();
      return digester.end();
    },
  };
}

function addValues(digester: Digester, records: readonly RecordRead[]): void {
  const newline = Buffer.of(NEWLINE);
  const parts: Uint8Array[] = [];
  for (const { value } of records) if (value) parts.push(value, newline);
  digester.add(Buffer.concat(parts), parts.length / 2);
}

/** A file that the worker creates. */
export function fileDestination(file: string): Destination {
  return {
    async progress() {
      try {
        return (await stat(file)).size;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
        throw error;
      }
    },
    async digest() {
      const digester = new Digester();
      for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
        let lines = 0;
        for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
        digester.add(chunk, lines);
      }
      return digester.end();
    },
  };
}

/** Creates a topic with one partition. */
export async function createTopic(broker: Broker, name: string): Promise<void> {
  await broker.topics.create({ name, partitions: 1, replicationFactor: 1, configs: {} });
}

/** Writes the input's lines as the values of a new topic. */
export async function fillTopic(broker: Broker, topic: string, records: number): Promise<void> {
  await createTopic(broker, topic);
  const producer = await broker.producer({ clientId: 'bench', batchBytes: INPUT_BATCH_BYTES });
  for (let from = 0; from < records; from += FILL_BATCH) {
    const count = Math.min(FILL_BATCH, records - from);
    await producer.send(
      Array.from({ length: count }, (_, i) => ({
        topic,
        partition: 0,
        key: null,
        value: Buffer.from(lineOf(from + i).line),
        timestamp: null,
        headers: [],
      })),
    );
  }
  await producer.close();
}
