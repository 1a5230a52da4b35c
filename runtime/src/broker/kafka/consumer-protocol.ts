/** What members of type `consumer` tell each other (Kafka's ConsumerProtocolSubscription and -Assignment), as Java's do. */
import type { TopicPartition } from '@tributary/api';
import { WireReader } from '../wire-reader.ts';
import { WireWriter } from '../wire-writer.ts';

const SUBSCRIPTION_VERSION = 1;
const ASSIGNMENT_VERSION = 0;
const NO_USER_DATA = -1;

export function encodeSubscription(topics: readonly string[]): Buffer {
  const writer = new WireWriter();
  return writer
    .int16(SUBSCRIPTION_VERSION)
    .array([...topics].sort(), (topic) => writer.string(topic))
    .int32(NO_USER_DATA)
    .array([], () => {}).buffer;
}

/** The topics; later versions only add at the end. */
export function decodeSubscription(metadata: Buffer): string[] {
  const reader = new WireReader(metadata);
  reader.int16();
  return reader.array(() => reader.string());
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const writer = new WireWriter();
  const topics = Map.groupBy(partitions, ({ topic }) => topic);
  return writer
    .int16(ASSIGNMENT_VERSION)
    .array([...topics], ([topic, list]) => {
      writer.string(topic).array(list, ({ partition }) => writer.int32(partition));
    })
    .int32(NO_USER_DATA).buffer;
}

/** No bytes mean no partitions. */
export function decodeAssignment(assignment: Buffer): TopicPartition[] {
  if (assignment.length === 0) return [];
  const reader = new WireReader(assignment);
  reader.int16();
  return reader
    .array(() => {
      const topic = reader.string();
      return reader.array(() => ({ topic, partition: reader.int32() }));
    })
    .flat();
}
