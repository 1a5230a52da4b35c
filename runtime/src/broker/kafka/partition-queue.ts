/** Records on their way to one partition: queued, then encoded as one batch at a time, which is resent as it is until it is settled. */
import type { TopicPartitionOffset } from '@tributary/api';
import type { RecordToSend } from '../port.ts';
import { BATCH_OVERHEAD, type BatchIdentity, encodeBatch, recordSize } from './batch-encoder.ts';

/** One call of `send`, settled when all of its records are. */
export class SendCall {
  readonly results: TopicPartitionOffset[];
  readonly startedAt = performance.now();
  readonly promise: Promise<readonly TopicPartitionOffset[]>;
  #left: number;
  #resolve!: (results: readonly TopicPartitionOffset[]) => void;
  #reject!: (error: Error) => void;

  constructor(records: number) {
    this.results = new Array(records);
    this.#left = records;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** @returns whether the call is complete now */
  settle(records: number): boolean {
    this.#left -= records;
    if (this.#left > 0) return false;
    this.#resolve(this.results);
    return true;
  }

  fail(error: Error): void {
    this.#reject(error);
  }
}

/** The records of one call for one partition, with their places in that call. */
interface Segment {
  readonly call: SendCall;
  readonly records: RecordToSend[];
  readonly places: number[];
}

interface Share {
  readonly segment: Segment;
  readonly from: number;
  readonly to: number;
}

export interface Batch {
  readonly bytes: Buffer;
  readonly records: readonly RecordToSend[];
  readonly sequence: number;
  readonly shares: readonly Share[];
}

export interface BatchLimits extends Omit<BatchIdentity, 'sequence'> {
  readonly batchBytes: number;
}

/** Records per batch at most, so that encoding one does not hold up the event loop. */
const MAX_BATCH_RECORDS = 20_000;

/** Bytes that are compressed at once at most, for the same reason. */
const MAX_COMPRESSIBLE_BYTES = 262_144;

export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  /** A request with a batch of this partition is under way, or waits to be repeated. */
  busy = false;
  #segments: Segment[] = [];
  /** What of the first segment is in batches already. */
  #taken = 0;
  #head: Batch[] = [];
  #sequence = 0;
  /** Smaller than configured after the broker found a batch too large. */
  #batchBytes = Number.POSITIVE_INFINITY;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get empty(): boolean {
    return this.#segments.length === 0 && this.#head.length === 0;
  }

  /** Whether a batch was encoded, so that its sequence numbers are spent until the broker has settled it. */
  get started(): boolean {
    return this.#head.length > 0;
  }

  add(record: RecordToSend, call: SendCall, place: number): void {
    const last = this.#segments.at(-1);
    if (last?.call === call) {
      last.records.push(record);
      last.places.push(place);
    } else this.#segments.push({ call, records: [record], places: [place] });
  }

  /** The batch to send next: the one that is not settled yet, or a new one. */
  next(limits: BatchLimits): Batch {
    const head = this.#head[0];
    if (head) return head;
    const compressible = limits.compression === 'none' ? Number.POSITIVE_INFINITY : MAX_COMPRESSIBLE_BYTES;
    const room = Math.min(limits.batchBytes, this.#batchBytes, compressible) - BATCH_OVERHEAD;
    const records: RecordToSend[] = [];
    const shares: Share[] = [];
    let size = 0;
    let full = false;
    while (!full && this.#segments.length > 0) {
      const segment = this.#segments[0]!;
      const from = this.#taken;
      let to = from;
      for (; to < segment.records.length; to++) {
        const record = segment.records[to]!;
        const more = recordSize(record);
        full = records.length > 0 && (size + more > room || records.length >= MAX_BATCH_RECORDS);
        if (full) break;
        size += more;
        records.push(record);
      }
      if (to > from) shares.push({ segment, from, to });
      if (to === segment.records.length) {
        this.#segments.shift();
        this.#taken = 0;
      } else this.#taken = to;
    }
    const batch = this.#encode(records, shares, size, this.#sequence, limits);
    this.#sequence = sequenceAfter(this.#sequence, limits.producerId === -1n ? 0 : records.length);
    this.#head.push(batch);
    return batch;
  }

  /** The first batch is stored from `baseOffset` on (-1: not known). @returns the calls that are complete */
  acknowledge(baseOffset: number): SendCall[] {
    const batch = this.#head.shift()!;
    const complete: SendCall[] = [];
    let offset = baseOffset;
    for (const { segment, from, to } of batch.shares) {
      const { call, places } = segment;
      for (let i = from; i < to; i++) {
        call.results[places[i]!] = {
          topic: this.topic,
          partition: this.partition,
          offset: baseOffset < 0 ? -1 : offset++,
        };
      }
      if (call.settle(to - from)) complete.push(call);
    }
    return complete;
  }

  /** Cuts the first batch, which the broker found too large, in two. @returns false if it is a single record */
  split(limits: BatchLimits): boolean {
    const batch = this.#head[0]!;
    const { records, sequence } = batch;
    if (records.length === 1) return false;
    this.#head.shift();
    this.#batchBytes = Math.max(1_024, Math.ceil(batch.bytes.length / 2));
    const middle = records.length >> 1;
    const [left, right] = cut(batch.shares, middle);
    const second = sequenceAfter(sequence, limits.producerId === -1n ? 0 : middle);
    const size = (part: readonly RecordToSend[]) => part.reduce((sum, record) => sum + recordSize(record), 0);
    const [first, rest] = [records.slice(0, middle), records.slice(middle)];
    this.#head.unshift(
      this.#encode(first, left, size(first), sequence, limits),
      this.#encode(rest, right, size(rest), second, limits),
    );
    return true;
  }

  /** Forgets the records that are in no batch yet. @returns their calls */
  dropWaiting(): SendCall[] {
    const calls = this.#segments.map(({ call }) => call);
    this.#segments = [];
    this.#taken = 0;
    return calls;
  }

  #encode(
    records: readonly RecordToSend[],
    shares: readonly Share[],
    size: number,
    sequence: number,
    limits: BatchLimits,
  ): Batch {
    const identity = { ...limits, sequence: limits.producerId === -1n ? -1 : sequence };
    return { bytes: encodeBatch(records, size, identity, Date.now()), records, sequence, shares };
  }
}

/** Sequence numbers start again at 0 after 2^31 - 1. */
export function sequenceAfter(sequence: number, records: number): number {
  return (sequence + records) % 0x80000000;
}

function cut(shares: readonly Share[], at: number): [Share[], Share[]] {
  const left: Share[] = [];
  const right: Share[] = [];
  let seen = 0;
  for (const { segment, from, to } of shares) {
    const middle = Math.min(to, Math.max(from, from + at - seen));
    if (middle > from) left.push({ segment, from, to: middle });
    if (to > middle) right.push({ segment, from: middle, to });
    seen += to - from;
  }
  return [left, right];
}
