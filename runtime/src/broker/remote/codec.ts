/** Records on their way between threads: as batches whose memory is handed over, not copied. */
import type { TimestampType, TopicPartitionOffset } from '@tributary/api';
import { BatchBuilder, decode, storedSize } from '../embedded/batch.ts';
import type { RecordRead, RecordToSend } from '../port.ts';

/** Neighbouring records that have these in common. */
interface Run {
  readonly topic: string;
  readonly partition: number | null;
  /** Null: the records have no timestamp of their own yet. */
  readonly timestampType: TimestampType | null;
  readonly base: number;
  readonly count: number;
  readonly batch: Uint8Array<ArrayBuffer>;
}

export interface Packed<T> {
  readonly content: T;
  readonly transfer: ArrayBuffer[];
}

type Packable = Omit<RecordToSend, 'headers'> &
  Pick<RecordRead, 'headers'> & { readonly offset?: number; readonly timestampType?: TimestampType };

function pack(records: readonly Packable[]): Packed<Run[]> {
  const content: Run[] = [];
  const transfer: ArrayBuffer[] = [];
  let first: Packable | undefined;
  let builder: BatchBuilder | undefined;
  const finish = (): void => {
    if (!builder || !first) return;
    const { count, base } = builder;
    const batch = builder.finish() as Uint8Array<ArrayBuffer>;
    const timestampType = first.timestamp === null ? null : (first.timestampType ?? 'CreateTime');
    content.push({ topic: first.topic, partition: first.partition, timestampType, base, count, batch });
    transfer.push(batch.buffer);
  };
  for (let index = 0; index < records.length; index++) {
    const record = records[index]!;
    const offset = record.offset ?? index;
    const fits =
      first !== undefined &&
      builder !== undefined &&
      !builder.full &&
      offset > builder.last &&
      record.topic === first.topic &&
      record.partition === first.partition &&
      record.timestampType === first.timestampType &&
      (record.timestamp === null) === (first.timestamp === null);
    if (!fits) {
      finish();
      first = record;
      builder = new BatchBuilder(offset, record.timestamp ?? 0, false);
    }
    builder!.append(offset, record.timestamp ?? 0, record, storedSize(record));
  }
  finish();
  return { content, transfer };
}

export const packToSend = (records: readonly RecordToSend[]): Packed<readonly unknown[]> => pack(records);
export const packRead = (records: readonly RecordRead[]): Packed<readonly unknown[]> => pack(records);

function* unpack(runs: readonly unknown[]): Generator<{ run: Run; records: RecordRead[] }> {
  for (const run of runs as readonly Run[]) {
    const { buffer, byteOffset, byteLength } = run.batch;
    const batch = Buffer.from(buffer, byteOffset, byteLength);
    const place = { topic: run.topic, partition: run.partition ?? -1 };
    yield { run, records: decode(batch, place, run.base, run.base, run.timestampType ?? 'CreateTime') };
  }
}

export function unpackRead(runs: readonly unknown[]): RecordRead[] {
  const all: RecordRead[] = [];
  for (const { records } of unpack(runs)) for (const record of records) all.push(record);
  return all;
}

export function unpackToSend(runs: readonly unknown[]): RecordToSend[] {
  const all: RecordToSend[] = [];
  for (const { run, records } of unpack(runs)) {
    const { topic, partition } = run;
    for (const { key, value, headers, timestamp } of records) {
      all.push({ topic, partition, key, value, headers, timestamp: run.timestampType === null ? null : timestamp });
    }
  }
  return all;
}

interface Places {
  readonly partitions: Int32Array<ArrayBuffer>;
  readonly offsets: Float64Array<ArrayBuffer>;
}

export function packPlaces(places: readonly TopicPartitionOffset[]): Packed<unknown> {
  const content: Places = {
    partitions: new Int32Array(places.length),
    offsets: new Float64Array(places.length),
  };
  for (let index = 0; index < places.length; index++) {
    content.partitions[index] = places[index]!.partition;
    content.offsets[index] = places[index]!.offset;
  }
  return { content, transfer: [content.partitions.buffer, content.offsets.buffer] };
}

/** @param topics of the records that were sent, in their order */
export function unpackPlaces(places: unknown, topics: readonly string[]): TopicPartitionOffset[] {
  const { partitions, offsets } = places as Places;
  return topics.map((topic, index) => ({ topic, partition: partitions[index]!, offset: offsets[index]! }));
}
