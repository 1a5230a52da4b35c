import { connect } from 'node:net';
import { LOOPBACK } from './ports.ts';

// Just enough of Kafka's protocol to ask whether a broker is ready, without a client library:
// https://kafka.apache.org/protocol (request header version 1, response header version 0).
const METADATA = { key: 3, version: 1 };
const FIND_COORDINATOR = { key: 10, version: 1 };
const COORDINATOR_TYPES = { group: 0, transaction: 1 } as const;

/** The most bytes that an answer to one of these questions can sensibly have. */
const MAX_RESPONSE_BYTES = 1 << 20;
const TIMEOUT_MS = 5_000;

/** The ids of the brokers that the broker on `port` knows to be alive. */
export async function aliveBrokers(port: number): Promise<number[]> {
  const noTopics = Buffer.alloc(4);
  const response = await roundTrip(port, METADATA, noTopics);
  const ids: number[] = [];
  let at = 4;
  for (let left = response.readInt32BE(0); left > 0; left--) {
    ids.push(response.readInt32BE(at));
    at = skipString(response, at + 4); // host
    at = skipString(response, at + 4); // rack, after the port
  }
  return ids;
}

/** Whether the broker on `port` can name a coordinator. Asking makes Kafka create the coordinator's internal topic. */
export async function hasCoordinator(port: number, type: keyof typeof COORDINATOR_TYPES): Promise<boolean> {
  const key = Buffer.from('tributary-readiness');
  const body = Buffer.alloc(2 + key.length + 1);
  body.writeInt16BE(key.length, 0);
  key.copy(body, 2);
  body.writeInt8(COORDINATOR_TYPES[type], 2 + key.length);
  const response = await roundTrip(port, FIND_COORDINATOR, body);
  return response.readInt16BE(4) === 0; // the error code, after the throttle time
}

/** A string is a length in two bytes, -1 for null, and its bytes. */
function skipString(buffer: Buffer, at: number): number {
  return at + 2 + Math.max(0, buffer.readInt16BE(at));
}

/** Sends one request and resolves with the response's body, correlation id taken off. */
function roundTrip(port: number, api: { key: number; version: number }, body: Buffer): Promise<Buffer> {
  const header = Buffer.alloc(14);
  header.writeInt32BE(10 + body.length, 0); // the size of what follows
  header.writeInt16BE(api.key, 4);
  header.writeInt16BE(api.version, 6);
  header.writeInt32BE(1, 8); // correlation id
  header.writeInt16BE(-1, 12); // no client id
  return new Promise((resolve, reject) => {
    const socket = connect(port, LOOPBACK);
    const chunks: Buffer[] = [];
    const fail = (problem: Error) => {
      socket.destroy();
      reject(problem);
    };
    socket.setTimeout(TIMEOUT_MS, () => fail(new Error(`no answer from port ${port}`)));
    socket.on('error', fail);
    socket.on('close', () => reject(new Error(`port ${port} closed the connection before it answered`)));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const received = Buffer.concat(chunks);
      if (received.length < 4) return;
      const size = received.readInt32BE(0);
      if (size < 4 || size > MAX_RESPONSE_BYTES) return fail(new Error(`port ${port} does not speak Kafka's protocol`));
      if (received.length < 4 + size) return;
      resolve(received.subarray(8, 4 + size));
      socket.destroy();
    });
    socket.write(Buffer.concat([header, body]));
  });
}
