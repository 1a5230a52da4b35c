import type { Protocol } from '../protocol.ts';

export const finnhub: Protocol = {
  answer(client, message) {
    if (message.type === 'subscribe') client.symbols.add(message.symbol as string);
  },
  frames: (trades) => [
    {
      type: 'trade',
      data: trades.map(({ symbol, price, size, time }) => ({
        s: symbol,
        p: Number(price),
        v: Number(size),
        t: time,
        c: ['1'],
      })),
    },
  ],
  heartbeat: () => ({ type: 'ping' }),
};
