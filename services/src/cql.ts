import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { LOOPBACK } from './ports.ts';

// Just enough of CQL's binary protocol, version 4, to ask whether a server takes a client's login, without a client library.
const REQUEST_VERSION = 4;
const STARTUP = 0x01;
const AUTHENTICATE = 0x03;
const READY = 0x02;
const AUTH_RESPONSE = 0x0f;
const AUTH_SUCCESS = 0x10;
const HEADER_BYTES = 9;

const TIMEOUT_MS = 5_000;

/** What a client needs to log in. */
export interface CqlLogin {
  readonly port: number;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  /** PEM of the authority that the server's certificate must be of, and a store with the client's own where the server asks for it. */
  readonly tls: { readonly ca: string; readonly clientStore: string; readonly password: string } | undefined;
}

/** Whether the Cassandra on `port` takes this login. Rejects with the reason when it does not answer at all. */
export async function takesLogin(login: CqlLogin): Promise<boolean> {
  const socket = await open(login);
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const done = (problem: Error | undefined, answer = false) => {
      socket.destroy();
      if (problem) reject(problem);
      else resolve(answer);
    };
    const timer = AbortSignal.timeout(TIMEOUT_MS);
    timer.addEventListener('abort', () => done(new Error(`no answer from port ${login.port}`)));
    socket.on('error', (error) => done(error));
    socket.on('close', () => done(new Error(`port ${login.port} closed the connection before it answered`)));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < HEADER_BYTES) return;
      const end = HEADER_BYTES + received.readInt32BE(5);
      if (received.length < end) return;
      const opcode = received[4]!;
      received = received.subarray(end);
      if (opcode === AUTHENTICATE && login.credentials) socket.write(authResponse(login.credentials));
      else done(undefined, opcode === READY || opcode === AUTH_SUCCESS);
    });
    socket.write(frame(STARTUP, stringMap({ CQL_VERSION: '3.0.0' })));
  });
}

async function open({ port, tls }: CqlLogin): Promise<Duplex> {
  if (!tls) return connect(port, LOOPBACK);
  const [ca, pfx] = await Promise.all([readFile(tls.ca), readFile(tls.clientStore)]);
  return connectTls({ port, host: LOOPBACK, ca, pfx, passphrase: tls.password });
}

function authResponse({ username, password }: { username: string; password: string }): Buffer {
  // SASL PLAIN, without an authorization id
  const token = Buffer.from(`\0${username}\0${password}`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(token.length);
  return frame(AUTH_RESPONSE, Buffer.concat([length, token]));
}

function stringMap(entries: Readonly<Record<string, string>>): Buffer {
  const count = Object.keys(entries).length;
  return Buffer.concat([uint16(count), ...Object.entries(entries).flatMap(([key, value]) => [text(key), text(value)])]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint16(bytes.length), bytes]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

/** Version, flags, stream, opcode, length, body. */
function frame(opcode: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = REQUEST_VERSION;
  header[4] = opcode;
  header.writeInt32BE(body.length, 5);
  return Buffer.concat([header, body]);
}
