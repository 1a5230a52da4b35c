/**
 * Trades from a WebSocket into Kafka by `ws` and kafkajs alone, as well as that can be done in a page: keyed by symbol, in batches that
 * wait a few milliseconds, some of them under way at once, acknowledged by all replicas; the feed waits while too much is under way. What
 * comes twice, what is missing and where to go on after a crash nobody looks at.
 */
import { Kafka, logLevel, type Message, Partitioners } from 'kafkajs';
import WebSocket from 'ws';
import type { TradeMessage } from './trade.ts';

const LINGER_MS = 5;
const BATCH = 2_000;
const IN_FLIGHT = 5;

/** What it is told, as JSON in its argument. */
export interface BareJob {
  readonly bootstrap: string;
  readonly topic: string;
  readonly url: string;
  readonly symbols: readonly string[];
  readonly values: 'ticks' | 'json';
}

const job = JSON.parse(process.argv[2]!) as BareJob;
const kafka = new Kafka({ clientId: 'bare', brokers: job.bootstrap.split(','), logLevel: logLevel.ERROR });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false });
await producer.connect();

const VALUES: Readonly<Record<BareJob['values'], (trade: TradeMessage['data']) => string>> = {
  ticks: ({ s, p, q, T, t, m }) =>
    JSON.stringify({
      symbol: s,
      price: Number(p),
      size: Number(q),
      price_text: p,
      size_text: q,
      bid: null,
      ask: null,
      exchange: 'BINANCE',
      event_time: Math.floor(T / 1000),
      event_time_us: T,
      sequence: t,
      side: m ? 'sell' : 'buy',
      trade_id: String(t),
      currency: null,
    }),
  json: (trade) => JSON.stringify(trade),
};
const value = VALUES[job.values];

let waiting: Message[] = [];
let inFlight = 0;
/** One until the first is acknowledged: kafkajs lets sends pass each other that wait for a topic's metadata. */
let allowed = 1;
let timer: NodeJS.Timeout | undefined;
const ws = new WebSocket(job.url, { perMessageDeflate: false });

function send(): void {
  clearTimeout(timer);
  timer = undefined;
  if (waiting.length === 0 || inFlight >= allowed) return;
  const messages = waiting;
  waiting = [];
  inFlight++;
  producer.send({ topic: job.topic, acks: -1, messages }).then(
    () => {
      inFlight--;
      allowed = IN_FLIGHT;
      if (ws.isPaused) ws.resume();
      if (waiting.length >= BATCH) send();
      else if (waiting.length > 0) timer ??= setTimeout(send, LINGER_MS);
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}

ws.on('open', () =>
  ws.send(
    JSON.stringify({ method: 'SUBSCRIBE', params: job.symbols.map((name) => `${name.toLowerCase()}@trade`), id: 1 }),
  ),
);
ws.on('message', (data: Buffer) => {
  const { data: trade } = JSON.parse(data.toString()) as Partial<TradeMessage>;
  if (!trade) return;
  waiting.push({ key: trade.s, value: value(trade), timestamp: String(Math.floor(trade.T / 1000)) });
  if (waiting.length < BATCH) timer ??= setTimeout(send, LINGER_MS);
  else if (inFlight < allowed) send();
  else ws.pause();
});
ws.on('close', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
