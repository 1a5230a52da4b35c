import type { FeedOutput, Item, Preset, Recovery } from '../feed.ts';
import { chunks, symbolsLike, TICK_SCHEMAS, tickItem } from './trade.ts';

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
  readonly t?: number;
  readonly a?: number;
  readonly p?: string;
  readonly q?: string;
  readonly T?: number;
  readonly id?: number | string | null;
  readonly result?: unknown;
  readonly error?: { readonly code?: number; readonly msg?: string };
  readonly code?: number;
  readonly msg?: string;
}

/** Times come in milliseconds, or in microseconds if the URL asks for `timeUnit=MICROSECOND`. */
const micros = (time: number | undefined): number =>
  time === undefined ? Number.NaN : time < 1e14 ? time * 1000 : time;

const trade = (symbol: string, price: string, size: string, time: number | undefined, sequence: number): Item =>
  tickItem({ symbol, price, size, time: micros(time), sequence, exchange: 'BINANCE' });

function read(data: Buffer, output: FeedOutput): void {
  const outer = JSON.parse(data.toString()) as Message;
  const message = outer.data ?? outer;
  switch (message.e) {
    case 'trade':
      output.item(trade(message.s!, message.p!, message.q!, message.T, message.t!));
      return;
    case 'aggTrade':
      output.item(trade(message.s!, message.p!, message.q!, message.T, message.a!));
      return;
    case 'serverShutdown':
      output.leaving('the server is about to shut down');
      return;
  }
  const error = message.error ?? (message.code !== undefined ? message : undefined);
  if (error) output.rejected(`code ${error.code}: ${error.msg}`);
  else if (message.result === null) output.acknowledged('subscribe', 1);
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
        ? (JSON.parse(text) as ReadonlyArray<{ a: number; p: string; q: string; T: number }>).map(({ a, p, q, T }) =>
            trade(symbol, p, q, T, a),
          )
        : (JSON.parse(text) as ReadonlyArray<{ id: number; price: string; qty: string; time: number }>).map(
            ({ id, price, qty, time }) => trade(symbol, price, qty, time, id),
          ),
  };
}

export const binance: Preset = {
  name: 'binance',
  doc: 'Binance spot: trades, or trades aggregated by price and taker (aggTrade); symbols such as BTCUSDT.',
  channels: ['trade', 'aggTrade'],
  needs: [],
  checkSymbol: symbolsLike(/^[A-Z0-9._-]+$/, 'BTCUSDT'),
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
        return [{ name: 'subscribe', send, expects: send.length, paceMs: PACE_MS }];
      },
      goodbye: (symbols) => messages('UNSUBSCRIBE', symbols).slice(0, 1),
      read: (data, _binary, output) => read(data, output),
    };
  },
};
