import { isPlainObject, type TopicPartition, type TopicPartitionOffset } from '@tributary/api';
import { BadRequestError } from './errors.ts';

/** One partition of a connector with its offset, as the REST API takes and shows it (KIP-875). */
export interface OffsetEntry {
  readonly partition: Readonly<Record<string, unknown>> | null;
  /** Null: the partition is reset. */
  readonly offset: Readonly<Record<string, unknown>> | null;
}

export interface ConnectorOffsets {
  readonly offsets: readonly OffsetEntry[];
}

function refuseStrays(json: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const stray = Object.keys(json).find((field) => !known.includes(field));
  if (stray === undefined) return;
  const names = known.map((field) => JSON.stringify(field)).join(', ');
  throw new BadRequestError(
    `Unrecognized field ${JSON.stringify(stray.slice(0, 100))}, known here ${known.length === 1 ? 'is' : 'are'}: ${names}`,
  );
}

function objectOrNull(value: unknown, what: string): Readonly<Record<string, unknown>> | null {
  if (value === undefined || value === null) return null;
  if (!isPlainObject(value)) throw new BadRequestError(`Each "${what}" must be a JSON object or null`);
  return value;
}

/** The offsets in the body of a request to alter them. @throws BadRequestError */
export function offsetEntries(json: unknown): readonly OffsetEntry[] {
  if (!isPlainObject(json)) throw new BadRequestError('The body must be a JSON object with "offsets"');
  refuseStrays(json, ['offsets']);
  const list = json['offsets'] ?? [];
  if (!Array.isArray(list))
    throw new BadRequestError('"offsets" must be a list of objects with "partition" and "offset"');
  if (list.length === 0)
    throw new BadRequestError('Partitions / offsets need to be provided for an alter offsets request');
  return list.map((item: unknown) => {
    if (!isPlainObject(item))
      throw new BadRequestError('Each of the "offsets" must be a JSON object with "partition" and "offset"');
    refuseStrays(item, ['partition', 'offset']);
    return {
      partition: objectOrNull(item['partition'], 'partition'),
      offset: objectOrNull(item['offset'], 'offset'),
    };
  });
}

const INT_MAX = 2_147_483_647;

/** A whole number as number or text, as Java's `parseInt` reads it; undefined if it is none or out of range. */
function wholeNumber(value: unknown, max: number): number | undefined {
  const text = String(value);
  if (typeof value === 'object' || !/^[+-]?\d+$/.test(text)) return undefined;
  const number = Number(text);
  return Math.abs(number) <= max ? number : undefined;
}

/** A value as Java shows it. */
function shown(value: unknown): string {
  return isPlainObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
}

function topicPartition(partition: OffsetEntry['partition']): TopicPartition {
  if (partition === null)
    throw new BadRequestError('The partition for a sink connector offset cannot be null or missing');
  if (!Object.hasOwn(partition, 'kafka_topic') || !Object.hasOwn(partition, 'kafka_partition')) {
    throw new BadRequestError(
      "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'",
    );
  }
  const { kafka_topic: topic, kafka_partition: number } = partition;
  if (topic === null) throw new BadRequestError('Kafka topic names must be valid strings and may not be null');
  if (number === null) throw new BadRequestError('Kafka partitions must be valid numbers and may not be null');
  const parsed = wholeNumber(number, INT_MAX);
  if (parsed === undefined) {
    throw new BadRequestError(
      `Failed to parse the following Kafka partition value in the provided offsets: '${shown(number)}'. Partition values for sink connectors need to be integers.`,
    );
  }
  return { topic: shown(topic), partition: parsed };
}

function kafkaOffset(offset: OffsetEntry['offset']): number | null {
  if (offset === null) return null;
  if (!Object.hasOwn(offset, 'kafka_offset')) {
    throw new BadRequestError(
      "The offset for a sink connector should either be null or contain the key 'kafka_offset'",
    );
  }
  const parsed = wholeNumber(offset['kafka_offset'], Number.MAX_SAFE_INTEGER);
  if (parsed === undefined) {
    throw new BadRequestError(
      `Failed to parse the following Kafka offset value in the provided offsets: '${shown(offset['kafka_offset'])}'. Offset values for sink connectors need to be integers.`,
    );
  }
  if (parsed < 0) throw new BadRequestError(`The offset ${parsed} is negative; a kafka_offset is 0 or more`);
  return parsed;
}

/** The offsets of a sink; of a partition that comes twice the last one. @throws BadRequestError with SinkUtils' messages */
export function sinkOffsets(
  entries: readonly OffsetEntry[],
): ReadonlyArray<readonly [TopicPartition, offset: number | null]> {
  const byPartition = new Map<string, readonly [TopicPartition, number | null]>();
  for (const { partition, offset } of entries) {
    const at = topicPartition(partition);
    byPartition.set(`${at.topic}-${at.partition}`, [at, kafkaOffset(offset)]);
  }
  return [...byPartition.values()];
}

/** The committed offsets of a sink's group as the REST API shows them. */
export function shownSinkOffsets(committed: readonly TopicPartitionOffset[]): ConnectorOffsets {
  return {
    offsets: committed.map(({ topic, partition, offset }) => ({
      partition: { kafka_partition: partition, kafka_topic: topic },
      offset: { kafka_offset: offset },
    })),
  };
}

export type Modification = 'altered' | 'reset';

/** @param complete whether nothing is left to be done in the system that the connector talks to */
export function modifiedMessage(modification: Modification, complete: boolean): { readonly message: string } {
  return {
    message: complete
      ? `The offsets for this connector have been ${modification} successfully`
      : `The Connect framework-managed offsets for this connector have been ${modification} successfully. However, if this connector manages offsets externally, they will need to be manually ${modification} in the system that the connector uses.`,
  };
}
