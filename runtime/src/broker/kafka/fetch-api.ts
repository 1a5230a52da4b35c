/** The Fetch request, with an answer whose records are left as bytes for `BatchDecoder`. */
import type { API, Reader } from '@platformatic/kafka';
import { WireReader } from '../wire-reader.ts';
import type { AbortedTransaction } from './batch-decoder.ts';
import { createAPI, fetchV12 } from './library.ts';

export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  readonly records: Buffer;
}

export interface FetchAnswer {
  readonly errorCode: number;
  readonly partitions: readonly FetchedPartition[];
}

const NONE = Buffer.alloc(0);

function parseResponse(_correlationId: number, _apiKey: number, _apiVersion: number, reader: Reader): FetchAnswer {
  const wire = new WireReader(reader.buffer.buffer);
  wire.at = reader.position;
  const partitions: FetchedPartition[] = [];
  wire.int32();
  const errorCode = wire.int16();
  wire.int32();
  wire.compactArray(() => {
    const topic = wire.compactString();
    wire.compactArray(() => {
      const partition = wire.int32();
      const partitionError = wire.int16();
      const highWatermark = wire.int64();
      const lastStableOffset = wire.int64();
      wire.int64();
      const aborted =
        wire.compactArray(() => {
          const transaction = { producerId: wire.int64(), firstOffset: wire.int64() };
          wire.skipTags();
          return transaction;
        }) ?? [];
      wire.int32();
      const size = wire.uvarint();
      const records = size > 1 ? wire.bytes(size - 1) : NONE;
      wire.skipTags();
      partitions.push({
        topic,
        partition,
        errorCode: partitionError,
        highWatermark,
        lastStableOffset,
        aborted,
        records,
      });
    });
    wire.skipTags();
  });
  return { errorCode, partitions };
}

type FetchArguments = Parameters<typeof fetchV12.createRequest>;

export const fetchApi: API<FetchArguments, FetchAnswer> = createAPI<FetchArguments, FetchAnswer>(
  1,
  12,
  fetchV12.createRequest,
  parseResponse,
);
