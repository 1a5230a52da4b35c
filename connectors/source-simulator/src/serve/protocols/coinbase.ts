import type { Protocol } from '../protocol.ts';
import { iso, strings } from './text.ts';

export const coinbase: Protocol = {
  answer(client, message) {
    if (message.type !== 'subscribe') return;
    for (const product of strings(message.product_ids)) client.symbols.add(product);
    client.send({ type: 'subscriptions', channels: [{ name: 'matches', product_ids: message.product_ids }] });
  },
  frames: (trades) =>
    trades.map(({ symbol, sequence, price, size, time }) => ({
      type: 'match',
      trade_id: sequence,
      sequence: sequence * 7,
      maker_order_id: 'ac928c66-ca53-498f-9c13-a110027a60e8',
      taker_order_id: '132fb6ae-456b-4654-b4e0-d681ac05cea1',
      time: iso(time),
      product_id: symbol,
      size,
      price,
      side: 'sell',
    })),
  heartbeat: (symbol, last) => ({
    type: 'heartbeat',
    sequence: 90,
    last_trade_id: last?.sequence ?? 0,
    product_id: symbol,
    time: iso(last?.time ?? 0),
  }),
  rest(path, query, trades) {
    const symbol = /^\/products\/([^/]+)\/trades$/.exec(path)?.[1];
    if (!symbol) return undefined;
    return trades(decodeURIComponent(symbol))
      .filter(({ sequence }) => sequence < Number(query.get('after')))
      .slice(-Number(query.get('limit')))
      .map(({ sequence, price, size, time }) => ({ trade_id: sequence, side: 'buy', size, price, time: iso(time) }))
      .reverse();
  },
};
