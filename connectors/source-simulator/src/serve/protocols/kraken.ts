import type { Protocol, Trade } from '../protocol.ts';
import { iso, isoNow, microsOf, strings, wholeOf } from './text.ts';

/** So many trades come with a subscription. */
const SNAPSHOT = 50;

/** Its numbers are JSON numbers with exactly so many digits: hence text. */
const rowsOf = (type: string, trades: readonly Trade[]): string =>
  `{"channel":"trade","type":"${type}","data":[${trades
    .map(
      (trade) =>
        `{"symbol":"${trade.symbol}","side":"${trade.bought ? 'buy' : 'sell'}","price":${trade.price},"qty":${trade.size},"ord_type":"market","trade_id":${trade.sequence},"timestamp":"${iso(trade)}"}`,
    )
    .join(',')}]}`;

/** Kraken spot, version 2: trades with a snapshot, pings of its own, heartbeats, and the trades of its REST API. */
export const kraken: Protocol = {
  rules: { heartbeatMs: 1000 },
  greet: (client) =>
    client.send({
      channel: 'status',
      type: 'update',
      data: [{ version: '2.0.0', system: 'online', api_version: 'v2', connection_id: 4711 }],
    }),
  answer(client, message) {
    const { method, req_id } = message;
    const about = { ...(req_id !== undefined && { req_id }), time_in: isoNow(), time_out: isoNow() };
    const refuse = (error: string, symbol?: string): void =>
      client.send({ error, method, ...(symbol !== undefined && { symbol }), success: false, ...about });
    if (method === 'ping') {
      client.send({ method: 'pong', ...about });
      return;
    }
    if (method !== 'subscribe' && method !== 'unsubscribe') return refuse('Method not supported');
    const params = (message.params ?? {}) as { channel?: unknown; symbol?: unknown; snapshot?: unknown };
    if (params.channel !== undefined && params.channel !== 'trade') return refuse('Channel not supported');
    for (const symbol of strings(params.symbol)) {
      if (!client.knows(symbol)) refuse(`Currency pair not supported ${symbol}`, symbol);
      else if (method === 'unsubscribe') {
        client.symbols.delete(symbol);
        client.send({ method, result: { channel: 'trade', symbol }, success: true, ...about });
      } else {
        const snapshot = params.snapshot !== false;
        client.symbols.add(symbol);
        client.send({ method, result: { channel: 'trade', symbol, snapshot }, success: true, ...about });
        const recent = snapshot ? client.recent(symbol, SNAPSHOT) : [];
        if (recent.length > 0) client.send(rowsOf('snapshot', recent));
      }
    }
  },
  frames: (trades) => [rowsOf('update', trades)],
  heartbeat: () => ({ channel: 'heartbeat' }),
  rest(path, query, history) {
    if (!path.endsWith('/0/public/Trades')) return undefined;
    const pair = query.get('pair') ?? '';
    if (!history.knows(pair)) return { body: { error: ['EQuery:Unknown asset pair'] } };
    const count = wholeOf(query, 'count', 1000, 1000);
    const since = query.get('since');
    const found =
      since === null
        ? history.before(pair, Number.MAX_SAFE_INTEGER, count)
        : history.since(pair, Number(since) / 1000, count);
    const rows = found.map((trade) => {
      const seconds = `${Math.floor(trade.time / 1000)}.${String(microsOf(trade) % 1_000_000).padStart(6, '0')}`;
      return `["${trade.price}","${trade.size}",${seconds},"${trade.bought ? 'b' : 's'}","m","",${trade.sequence}]`;
    });
    const last = found.at(-1);
    const until = last ? `${microsOf(last)}000` : (since ?? '0');
    return { body: `{"error":[],"result":{"${pair.replace('/', '')}":[${rows.join(',')}],"last":"${until}"}}` };
  },
};
