/** The feed's server, a program of its own: what it sends and when, its parent says. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { nowMicros } from '../side-by-side/clock.ts';
import type { FeedCommand, FeedReport } from './feed.ts';
import { symbolAt, symbolNames, tradeText } from './trade.ts';

const SEND_EVERY_MS = 1;
const CHUNK_BYTES = 64 * 1024;
/** No frame is longer, its four bytes of header included. */
const FRAME_BYTES = 512;

const names = symbolNames(Number(process.argv[2]));
const lower = names.map((name) => name.toLowerCase());
const last = names.map(() => 0);
let index = 0;
let client: { readonly socket: Duplex; readonly ws: WebSocket } | undefined;

const report = (message: FeedReport): void => void process.send!(message);

/** Writes the next trade as a frame. `ws` would write each by itself, which takes the server longer than its reader. */
function writeTrade(chunk: Buffer, at: number): number {
  const number = symbolAt(index++, names.length);
  const sequence = last[number]! + 1;
  last[number] = sequence;
  const length = chunk.write(tradeText(names[number]!, lower[number]!, sequence, nowMicros()), at + 4, 'latin1');
  chunk[at] = 0x81;
  chunk[at + 1] = 126;
  chunk.writeUInt16BE(length, at + 2);
  return at + 4 + length;
}

/** @returns whether the client takes more at once */
function write(count: number): boolean {
  let more = true;
  for (let left = count; left > 0; ) {
    const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, left * FRAME_BYTES));
    let at = 0;
    for (; left > 0 && at + FRAME_BYTES <= chunk.length; left--) at = writeTrade(chunk, at);
    more = client!.socket.write(chunk.subarray(0, at));
  }
  return more;
}

function sendAll(records: number): void {
  const end = index + records;
  const perChunk = Math.floor(CHUNK_BYTES / FRAME_BYTES);
  const turn = (): void => {
    while (index < end) {
      if (write(Math.min(perChunk, end - index))) continue;
      client!.socket.once('drain', turn);
      return;
    }
    report({ type: 'sent', records, lateMs: 0 });
  };
  turn();
}

function sendAtRate(perSecond: number, seconds: number): void {
  const from = index;
  const total = perSecond * seconds;
  const started = performance.now();
  let lateMs = 0;
  let before = started;
  const timer = setInterval(() => {
    const now = performance.now();
    lateMs = Math.max(lateMs, now - before - SEND_EVERY_MS);
    before = now;
    const due = Math.min(total, Math.floor(((now - started) / 1_000) * perSecond));
    write(from + due - index);
    if (due < total) return;
    clearInterval(timer);
    report({ type: 'sent', records: total, lateMs });
  }, SEND_EVERY_MS);
}

const http = createServer();
const sockets = new WebSocketServer({ noServer: true });
http.on('upgrade', (request, socket, head) =>
  sockets.handleUpgrade(request, socket, head, (ws) => {
    ws.on('error', () => {});
    ws.on('message', (data: Buffer) => {
      const { method, id } = JSON.parse(data.toString()) as { method: string; id: number };
      ws.send(JSON.stringify({ result: null, id }));
      if (method !== 'SUBSCRIBE') return;
      client = { socket, ws };
      report({ type: 'subscribed' });
    });
  }),
);
process.on('message', (command: FeedCommand) => {
  if (command.type === 'all') sendAll(command.records);
  else sendAtRate(command.perSecond, command.seconds);
});
process.once('disconnect', () => process.exit());
http.listen(0, '127.0.0.1', () => report({ type: 'listening', port: (http.address() as AddressInfo).port }));
