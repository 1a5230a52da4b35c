import type { Client, Protocol, Trade } from '../protocol.ts';
import { iso, strings, wholeOf } from './text.ts';

const CHANNELS = new Set(['matches', 'heartbeat']);

/** Channels by name, or with products of their own. */
function wanted(message: Record<string, unknown>): ReadonlyMap<string, readonly string[]> {
  const products = strings(message.product_ids);
  const channels = Array.isArray(message.channels) ? (message.channels as readonly unknown[]) : [];
  return new Map(
    channels.map((channel) => {
      if (typeof channel === 'string') return [channel, products];
      const { name, product_ids } = channel as { readonly name?: unknown; readonly product_ids?: unknown };
      return [String(name), product_ids === undefined ? products : strings(product_ids)];
    }),
  );
}

function subscriptions(client: Client): object {
  const channels = [...CHANNELS].map((name) => ({
    name,
    product_ids: [...client.channels].flatMap(([product, names]) => (names.has(name) ? [product] : [])),
  }));
  return { type: 'subscriptions', channels: channels.filter(({ product_ids }) => product_ids.length > 0) };
}

const match = (type: string, trade: Trade): object => ({
  type,
  trade_id: trade.sequence,
  sequence: trade.sequence * 7,
  maker_order_id: 'ac928c66-ca53-498f-9c13-a110027a60e8',
  taker_order_id: '132fb6ae-456b-4654-b4e0-d681ac05cea1',
  time: iso(trade),
  product_id: trade.symbol,
  size: trade.size,
  price: trade.price,
  side: trade.bought ? 'sell' : 'buy',
});

/** Coinbase Exchange: matches with heartbeats, and the pages of a product's trades. */
export const coinbase: Protocol = {
  rules: { heartbeatMs: 1000, heartbeatPerSymbol: true, patienceMs: 5000, messagesPerSecond: 100 },
  answer(client, message) {
    const refuse = (reason: string): void => client.send({ type: 'error', message: 'Failed to subscribe', reason });
    const channels = wanted(message);
    if (message.type === 'unsubscribe') {
      const products = new Set([...channels.values()].flat());
      for (const product of products) {
        for (const [channel, own] of channels) if (own.includes(product)) client.channels.get(product)?.delete(channel);
        if (client.channels.get(product)?.size) continue;
        client.channels.delete(product);
        client.symbols.delete(product);
      }
      client.send(subscriptions(client));
      return;
    }
    if (message.type !== 'subscribe') {
      client.send({ type: 'error', message: 'Malformed JSON' });
      return;
    }
    const odd = [...channels.keys()].find((channel) => !CHANNELS.has(channel));
    if (odd !== undefined) return refuse(`${odd} is not a valid channel`);
    const unknown = [...channels.values()].flat().find((product) => !client.knows(product));
    if (unknown !== undefined) return refuse(`${unknown} is not a valid product`);
    const before = new Set(client.symbols);
    for (const [channel, products] of channels)
      for (const product of products) {
        client.channels.set(product, (client.channels.get(product) ?? new Set()).add(channel));
        if (channel === 'matches') client.symbols.add(product);
      }
    client.send(subscriptions(client));
    for (const product of client.symbols)
      if (!before.has(product)) for (const trade of client.recent(product, 1)) client.send(match('last_match', trade));
  },
  impatient: (client) => client.close(1008, 'no subscribe message'),
  frames: (trades) => trades.map((trade) => match('match', trade)),
  heartbeat: (symbol, last, { channels }) =>
    channels.get(symbol)?.has('heartbeat')
      ? {
          type: 'heartbeat',
          sequence: (last?.sequence ?? 0) * 7,
          last_trade_id: last?.sequence ?? 0,
          product_id: symbol,
          time: iso(last ?? { time: 0 }),
        }
      : null,
  rest(path, query, history) {
    const found = /\/products\/([^/]+)\/trades$/.exec(path)?.[1];
    if (!found) return undefined;
    const symbol = decodeURIComponent(found);
    if (!history.knows(symbol)) return { status: 404, body: { message: 'NotFound' } };
    const limit = wholeOf(query, 'limit', 1000, 1000);
    const [after, newer] = [query.get('after'), query.get('before')];
    const trades =
      newer === null
        ? history.before(symbol, after === null ? Number.MAX_SAFE_INTEGER : Number(after), limit)
        : history.from(symbol, Number(newer) + 1, limit);
    const newest = trades.at(-1);
    return {
      ...(newest && { headers: { 'cb-before': String(newest.sequence), 'cb-after': String(trades[0]!.sequence) } }),
      body: trades
        .map((trade) => ({
          trade_id: trade.sequence,
          side: trade.bought ? 'sell' : 'buy',
          size: trade.size,
          price: trade.price,
          time: iso(trade),
        }))
        .reverse(),
    };
  },
};
