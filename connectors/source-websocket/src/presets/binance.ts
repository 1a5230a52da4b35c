import type { FeedOutput, Item, Preset, Recovery } from '../feed.ts';
import { chunks, symbolsLike, TICK_SCHEMAS, tradeItem, whole } from './trade.ts';

/** Streams that are named in one SUBSCRIBE, so that it stays far below the server's frame limit. */
const STREAMS_PER_MESSAGE = 200;
/** The server takes five messages a second. */
const PACE_MS = 250;
const HOURS = 3_600_000;

interface Message {
  readonly stream?: string;
  readonly data?: Message;
  readonly e?: string;
  readonly s?: string;
  readonly t?: unknown;
  readonly a?: unknown;
  readonly p?: unknown;
  readonly q?: unknown;
  readonly T?: unknown;
  /** Whether the buyer is the maker, so that the seller took what was offered. */
  readonly m?: unknown;
  readonly id?: number | string | null;
  readonly result?: unknown;
  readonly error?: { readonly code?: number; readonly msg?: string };
  readonly code?: number;
  readonly msg?: string;
}

/** Times come in milliseconds, or in microseconds if the URL asks for `timeUnit=MICROSECOND`. */
function micros(value: unknown): number {
  const time = whole(value);
  return time < 1e14 ? time * 1000 : time;
}

interface Trade {
  readonly symbol: string;
  readonly price: unknown;
  readonly size: unknown;
  readonly time: unknown;
  readonly id: unknown;
  readonly buyerIsMaker: unknown;
}

function trade({ symbol, price, size, time, id, buyerIsMaker }: Trade): Item {
  const sequence = whole(id);
  return tradeItem({
    symbol,
    price,
    size,
    time: micros(time),
    sequence,
    side: typeof buyerIsMaker === 'boolean' ? (buyerIsMaker ? 'sell' : 'buy') : null,
    tradeId: String(sequence),
    exchange: 'BINANCE',
  });
}

const streamed = ({ s, p, q, T, m }: Message, id: unknown): Item =>
  trade({ symbol: s!, price: p, size: q, time: T, id, buyerIsMaker: m });

function read(data: Buffer, output: FeedOutput): void {
  const outer = JSON.parse(data.toString()) as Message;
  const message = outer.data ?? outer;
  switch (message.e) {
    case 'trade':
      output.item(streamed(message, message.t));
      return;
    case 'aggTrade':
      output.item(streamed(message, message.a));
      return;
    case 'serverShutdown':
      output.leaving('the server is about to shut down');
      return;
  }
  const error = message.error ?? (message.code !== undefined ? message : undefined);
  if (error) output.rejected(`code ${error.code}: ${error.msg}`);
  else if (message.result === null) output.acknowledged('subscribe', 1);
}

interface RestTrade {
  readonly id: unknown;
  readonly price: unknown;
  readonly qty: unknown;
  readonly time: unknown;
  readonly isBuyerMaker: unknown;
}

/** Trades by number, from Binance's REST API. */
function recovery(channel: string): Recovery {
  const path = channel === 'aggTrade' ? '/api/v3/aggTrades' : '/api/v3/historicalTrades';
  return {
    url: 'https://data-api.binance.vision',
    path: ({ symbol, from, to }) =>
      `${path}?symbol=${encodeURIComponent(symbol)}&fromId=${from}&limit=${Math.min(1000, to - from + 1)}`,
    read: (text, { symbol }) =>
      channel === 'aggTrade'
        ? (JSON.parse(text) as readonly Message[]).map((one) => streamed({ ...one, s: symbol }, one.a))
        : (JSON.parse(text) as readonly RestTrade[]).map(({ id, price, qty, time, isBuyerMaker }) =>
            trade({ symbol, price, size: qty, time, id, buyerIsMaker: isBuyerMaker }),
          ),
  };
}

export const binance: Preset = {
  name: 'binance',
  doc: 'Binance spot: trades, or trades aggregated by price and taker (aggTrade); symbols such as BTCUSDT.',
  channels: ['trade', 'aggTrade'],
  needs: [],
  // Some are named in Chinese.
  checkSymbol: symbolsLike(/^[\p{Lu}\p{Lo}\p{N}._-]+$/u, 'BTCUSDT'),
  open({ channel }) {
    const streams = (symbols: readonly string[]): readonly string[] =>
      symbols.map((symbol) => `${symbol.toLowerCase()}@${channel}`);
    const messages = (method: string, symbols: readonly string[]): readonly string[] =>
      chunks(streams(symbols), STREAMS_PER_MESSAGE).map((params, i) => JSON.stringify({ method, params, id: i + 1 }));
    return {
      name: 'binance',
      ...TICK_SCHEMAS,
      symbolsPerConnection: 1024,
      contiguous: true,
      // The server pings every 20 seconds, which the protocol's own pongs answer, and cuts each connection after 24 hours.
      timing: { plannedMs: 23 * HOURS + HOURS / 2 },
      recovery: recovery(channel),
      urls: () => ['wss://stream.binance.com:9443/ws'],
      stages(symbols) {
        const send = messages('SUBSCRIBE', symbols);
        const apart = streams(symbols).map((stream, i) =>
          JSON.stringify({ method: 'SUBSCRIBE', params: [stream], id: i + 1 }),
        );
        return [{ name: 'subscribe', send, expects: send.length, apart, paceMs: PACE_MS }];
      },
      goodbye: (symbols) => messages('UNSUBSCRIBE', symbols).slice(0, 1),
      read: (data, _binary, output) => read(data, output),
    };
  },
};
