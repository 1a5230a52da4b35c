import type { Client } from 'cassandra-driver';
import { types } from 'cassandra-driver';

/** A statement with rows for it, each written by a RowWriter. */
export interface EncodedStatement {
  readonly query: string;
  readonly params: readonly Buffer[];
}

/** What the driver makes of a batch. */
interface BatchRequest {
  readonly queries: ReadonlyArray<EncodedStatement & { readonly queryId: Buffer }>;
  readonly options: { getConsistency(): number };
  length: number;
  write(encoder: { readonly protocolVersion: number }, streamId: number): Buffer;
  clone(): BatchRequest;
}

interface Insides {
  _createBatchRequest(queries: unknown, options: unknown): Promise<BatchRequest>;
}

const HEADER = 9;
const OPCODE = 13;
const UNLOGGED = 1;
const PREPARED = 1;

/**
 * Has the client take {@link EncodedStatement}s in batches, and no others; they must be prepared and say their own times.
 * The driver makes 24 buffers of a row with ten values, and looks each row's statement up, where one buffer and one look will do.
 */
export function takeEncodedBatches(client: Client): void {
  const insides = client as unknown as Insides;
  const create = insides._createBatchRequest.bind(client);
  insides._createBatchRequest = async (queries, options) => encoded(await create(queries, options));
}

function encoded(request: BatchRequest): BatchRequest {
  const clone = request.clone.bind(request);
  request.write = ({ protocolVersion }, streamId) => {
    const frame = frameOf(request, protocolVersion, streamId);
    request.length = frame.length - HEADER;
    return frame;
  };
  request.clone = () => encoded(clone());
  return request;
}

/** A BATCH: section 4.1.7 of the native protocol, versions 3 and 4, and those of DSE, whose flags are longer. */
function frameOf({ queries, options }: BatchRequest, version: number, streamId: number): Buffer {
  const flags = version >= types.protocolVersion.dseV1 ? 4 : 1;
  let count = 0;
  let size = HEADER + 3 + 2 + flags;
  for (const { queryId, params } of queries) {
    count += params.length;
    size += params.length * (3 + queryId.length);
    for (const row of params) size += row.length;
  }
  const frame = Buffer.allocUnsafe(size);
  frame[0] = version;
  frame[1] = 0;
  frame.writeInt16BE(streamId, 2);
  frame[4] = OPCODE;
  frame.writeInt32BE(size - HEADER, 5);
  frame[9] = UNLOGGED;
  frame.writeUInt16BE(count, 10);
  let at = HEADER + 3;
  for (const { queryId, params } of queries) {
    for (const row of params) {
      frame[at] = PREPARED;
      frame.writeUInt16BE(queryId.length, at + 1);
      at += 3 + queryId.copy(frame, at + 3);
      at += row.copy(frame, at);
    }
  }
  at = frame.writeUInt16BE(options.getConsistency(), at);
  frame.fill(0, at);
  return frame;
}
