import type { Schema } from './schema.ts';

/** A header of a record. The list is ordered; keys may repeat and values may be null. */
export interface Header {
  readonly key: string;
  readonly value: unknown;
  /** Null where the value carries no schema. */
  readonly schema: Schema | null;
}

/** What a source and a sink record have in common, and all that a transform may rely on. */
export interface ConnectRecord {
  readonly topic: string;
  /** Null on the source side: the producer's partitioner decides. */
  readonly partition: number | null;
  readonly key: unknown;
  readonly keySchema: Schema | null;
  readonly value: unknown;
  readonly valueSchema: Schema | null;
  /** Milliseconds since the epoch; null if the record has none (the broker then gives it one). */
  readonly timestamp: number | null;
  readonly headers: readonly Header[];
}

/** Names a place in the upstream system, such as a file or a symbol: string keys, primitive values. */
export type SourcePartition = Readonly<Record<string, unknown>>;
/** The position in a {@link SourcePartition} up to which records were read: string keys, primitive values. */
export type SourceOffset = Readonly<Record<string, unknown>>;

export interface SourceRecord extends ConnectRecord {
  /**
   * Null if the record has no place in the upstream system to resume from. One object for each place, yielded again and again, costs
   * least; none may be changed once it was yielded, since the worker looks into an object once and knows the place by it from then on.
   */
  readonly sourcePartition: SourcePartition | null;
  /** Where to resume once this record is stored. None may be changed once it was yielded: it is written down later. */
  readonly sourceOffset: SourceOffset | null;
}

/** What a source yields: everything but the topic may be left out and counts as null (headers: as none). */
export type SourceRecordInput = Pick<SourceRecord, 'topic'> & Partial<SourceRecord>;

export type TimestampType = 'CreateTime' | 'LogAppendTime' | 'NoTimestampType';

export interface SinkRecord extends ConnectRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampType: TimestampType;
  /** Topic, partition and offset in Kafka before any transform changed them (KIP-793). */
  readonly originalTopic: string;
  readonly originalPartition: number;
  readonly originalOffset: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** `offset` is the next one to read, as Kafka commits it. */
export interface TopicPartitionOffset extends TopicPartition {
  readonly offset: number;
}

/** What a group commits for a partition. */
export interface OffsetAndMetadata extends TopicPartitionOffset {
  /** A text that the group keeps with the offset: 4,096 characters at most unless the brokers say otherwise. Default: empty. */
  readonly metadata?: string;
}

/** Gives a source's yield the full shape, so that all records of a pipeline share one. */
export function sourceRecord(input: SourceRecordInput): SourceRecord {
  return {
    topic: input.topic,
    partition: input.partition ?? null,
    key: input.key ?? null,
    keySchema: input.keySchema ?? null,
    value: input.value ?? null,
    valueSchema: input.valueSchema ?? null,
    timestamp: input.timestamp ?? null,
    headers: input.headers ?? NO_HEADERS,
    sourcePartition: input.sourcePartition ?? null,
    sourceOffset: input.sourceOffset ?? null,
  };
}

export const NO_HEADERS: readonly Header[] = Object.freeze([]);
