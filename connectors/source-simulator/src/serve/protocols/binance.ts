import type { Client, History, Protocol, RestAnswer, Trade } from '../protocol.ts';
import { microsOf, strings, wholeOf } from './text.ts';

const STREAM = /^([a-z0-9._-]+)@(trade|aggTrade)$/;
/** A connection may have so many streams. */
const MOST = 1024;

/** Streams are subscribed to by message, or named in the URL: `/ws/<stream>`, `/stream?streams=<stream>/<stream>`. */
function named(url: URL): readonly string[] {
  const path = /\/ws\/(.+)$/.exec(url.pathname)?.[1];
  const combined = url.searchParams.get('streams');
  return (path ?? combined ?? '').split('/').filter((one) => one !== '');
}

const isCombined = (url: URL): boolean => /\/stream$/.test(url.pathname);

function subscribe(client: Client, streams: readonly string[]): void {
  for (const stream of streams) {
    const [, symbol, channel] = STREAM.exec(stream)!;
    const name = symbol!.toUpperCase();
    client.symbols.add(name);
    client.channels.set(name, (client.channels.get(name) ?? new Set()).add(channel!));
  }
}

function unsubscribe(client: Client, streams: readonly string[]): void {
  for (const stream of streams) {
    const [, symbol, channel] = STREAM.exec(stream)!;
    const name = symbol!.toUpperCase();
    const channels = client.channels.get(name);
    channels?.delete(channel!);
    if (channels && channels.size > 0) continue;
    client.channels.delete(name);
    client.symbols.delete(name);
  }
}

const listed = ({ channels }: Client): readonly string[] =>
  [...channels].flatMap(([symbol, names]) => [...names].map((name) => `${symbol.toLowerCase()}@${name}`));

/** Of an aggregate there is one trade. */
function message(trade: Trade, channel: string, inMicros: boolean): object {
  const { symbol, sequence, price, size, bought = false } = trade;
  const time = inMicros ? microsOf(trade) : trade.time;
  const common = { E: time, s: symbol };
  const end = { T: time, m: !bought, M: true };
  return channel === 'aggTrade'
    ? { e: 'aggTrade', ...common, a: sequence, p: price, q: size, f: sequence, l: sequence, ...end }
    : { e: 'trade', ...common, t: sequence, p: price, q: size, ...end };
}

function rest(path: string, query: URLSearchParams, history: History): RestAnswer | undefined {
  const kind = /\/api\/v3\/(historicalTrades|trades|aggTrades)$/.exec(path)?.[1];
  if (!kind) return undefined;
  const symbol = query.get('symbol') ?? '';
  if (!history.knows(symbol)) return { status: 400, body: { code: -1121, msg: 'Invalid symbol.' } };
  const limit = wholeOf(query, 'limit', 500, 1000);
  const fromId = query.get('fromId');
  const trades =
    fromId === null || kind === 'trades'
      ? history.before(symbol, Number.MAX_SAFE_INTEGER, limit)
      : history.from(symbol, Number(fromId), limit);
  return {
    body: trades.map(({ sequence, price, size, time, bought = false }) =>
      kind === 'aggTrades'
        ? { a: sequence, p: price, q: size, f: sequence, l: sequence, T: time, m: !bought, M: true }
        : {
            id: sequence,
            price,
            qty: size,
            quoteQty: String(Number(price) * Number(size)),
            time,
            isBuyerMaker: !bought,
            isBestMatch: true,
          },
    ),
  };
}

/** Binance spot: raw and combined streams of trades and aggregates, and what its REST API tells of them. */
export const binance: Protocol = {
  rules: { pingMs: 20_000, pongMs: 60_000, lifetimeMs: 24 * 3_600_000, messagesPerSecond: 5 },
  refuse: ({ url }) => (named(url).every((stream) => STREAM.test(stream)) ? null : 400),
  greet: (client) => subscribe(client, named(client.url)),
  answer(client, { method, params, id }) {
    const refuse = (code: number, msg: string): void => client.send({ error: { code, msg }, id });
    const streams = strings(params);
    const unknown = streams.find((stream) => !STREAM.test(stream));
    if (method === 'LIST_SUBSCRIPTIONS') client.send({ result: listed(client), id });
    else if (method !== 'SUBSCRIBE' && method !== 'UNSUBSCRIBE')
      refuse(2, `Invalid request: unknown variant \`${String(method)}\``);
    else if (unknown !== undefined) refuse(2, `Invalid request: invalid stream ${unknown}`);
    else if (method === 'SUBSCRIBE' && listed(client).length + streams.length > MOST)
      refuse(4, 'Too many subscriptions');
    else {
      if (method === 'SUBSCRIBE') subscribe(client, streams);
      else unsubscribe(client, streams);
      client.send({ result: null, id });
    }
  },
  frames: (trades, { url, channels }) =>
    trades.flatMap((trade) =>
      [...(channels.get(trade.symbol) ?? [])].map((channel) => {
        const data = message(trade, channel, url.searchParams.get('timeUnit')?.toUpperCase() === 'MICROSECOND');
        return isCombined(url) ? { stream: `${trade.symbol.toLowerCase()}@${channel}`, data } : data;
      }),
    ),
  heartbeat: () => ({ result: null, id: 0 }),
  rest,
};
