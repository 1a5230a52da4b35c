import type { Broker, RecordRead } from '../../src/broker/port.ts';

/** A record with key and value as text. */
export interface LogRecord {
  readonly partition: number;
  readonly key: string;
  /** Null is a tombstone. */
  readonly value: string | null;
  readonly headers: number;
}

const text = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString();

/** What is in a topic, in the order of each partition, kept up to date. */
export interface TopicLog {
  readonly records: readonly LogRecord[];
  /** Waits until everything that is in the topic now is in `records`. */
  readToEnd(): Promise<void>;
}

/** Follows a topic with keys. */
export function followTopic(broker: Broker, topic: string): TopicLog {
  const records: LogRecord[] = [];
  const reader = broker.reader({
    clientId: 'test-log',
    topic,
    onRecords(read: readonly RecordRead[]) {
      for (const { partition, key, value, headers } of read)
        records.push({ partition, key: text(key)!, value: text(value), headers: headers.length });
    },
    onError(error) {
      throw error;
    },
  });
  return { records, readToEnd: () => reader.readToEnd() };
}

/** The values of all records of a topic with one partition, as text. */
export async function topicValues(broker: Broker, topic: string): Promise<readonly string[]> {
  const values: string[] = [];
  const reader = broker.reader({
    clientId: 'test-values',
    topic,
    onRecords(read) {
      for (const { value } of read) values.push(text(value)!);
    },
    onError(error) {
      throw error;
    },
  });
  await reader.readToEnd();
  await reader.close();
  return values;
}

/** The last record of each key. */
export const compacted = (records: readonly LogRecord[]): ReadonlyMap<string, LogRecord> =>
  new Map(records.map((record) => [record.key, record]));
