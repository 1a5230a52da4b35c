import type { Protocol } from '../protocol.ts';
import { strings } from './text.ts';

export const binance: Protocol = {
  answer(client, message) {
    if (message.method === 'SUBSCRIBE')
      for (const stream of strings(message.params)) client.symbols.add(stream.split('@')[0]!.toUpperCase());
    client.send({ result: null, id: message.id });
  },
  frames: (trades) =>
    trades.map(({ symbol, sequence, price, size, time }) => ({
      e: 'trade',
      E: time,
      s: symbol,
      t: sequence,
      p: price,
      q: size,
      T: time,
      m: true,
      M: true,
    })),
  heartbeat: () => ({ result: null, id: 0 }),
  rest(path, query, trades) {
    if (path !== '/api/v3/historicalTrades') return undefined;
    const from = Number(query.get('fromId'));
    return trades(query.get('symbol')!)
      .filter(({ sequence }) => sequence >= from)
      .slice(0, Number(query.get('limit')))
      .map(({ sequence, price, size, time }) => ({
        id: sequence,
        price,
        qty: size,
        quoteQty: '1',
        time,
        isBuyerMaker: true,
      }));
  },
};
