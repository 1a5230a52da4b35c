/** The Produce request around batches that are encoded already. */
import type { API } from '@platformatic/kafka';
import { createAPI, produceV9, Writer } from './library.ts';
import type { Batch, PartitionQueue } from './partition-queue.ts';

export interface ProduceItem {
  readonly queue: PartitionQueue;
  readonly batch: Batch;
}

function createRequest(
  transactionalId: string | null,
  acks: number,
  timeoutMs: number,
  items: readonly ProduceItem[],
): Writer {
  const topics = Map.groupBy(items, ({ queue }) => queue.topic);
  return Writer.create()
    .appendString(transactionalId)
    .appendInt16(acks)
    .appendInt32(timeoutMs)
    .appendArray([...topics], (writer, [topic, partitions]) => {
      writer.appendString(topic).appendArray(partitions, (inner, { queue, batch }) => {
        inner
          .appendInt32(queue.partition)
          .appendUnsignedVarInt(batch.bytes.length + 1)
          .append(batch.bytes);
      });
    })
    .appendTaggedFields();
}

type ProduceArguments = Parameters<typeof createRequest>;
type ProduceAnswer = ReturnType<typeof produceV9.parseResponse>;

export const produceApi: API<ProduceArguments, ProduceAnswer> = createAPI<ProduceArguments, ProduceAnswer>(
  0,
  9,
  createRequest,
  produceV9.parseResponse,
);
