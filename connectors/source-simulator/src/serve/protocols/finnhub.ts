import type { Protocol } from '../protocol.ts';

/** Finnhub: last trades, several in a message, without numbers. The key stands in the URL. */
export const finnhub: Protocol = {
  rules: { heartbeatMs: 60_000 },
  refuse: ({ url, accepts }) => (accepts(url.searchParams.get('token') ?? '', null) ? null : 401),
  answer(client, { type, symbol }) {
    if (typeof symbol !== 'string') client.send({ type: 'error', msg: 'Invalid message' });
    else if (type === 'subscribe') client.symbols.add(symbol);
    else if (type === 'unsubscribe') client.symbols.delete(symbol);
  },
  frames: (trades) => [
    {
      data: trades.map(({ symbol, price, size, time }) => ({
        c: ['1'],
        p: Number(price),
        s: symbol,
        t: time,
        v: Number(size),
      })),
      type: 'trade',
    },
  ],
  heartbeat: () => ({ type: 'ping' }),
};
