import type { Protocol } from '../protocol.ts';
import { iso, strings } from './text.ts';

export const alpaca: Protocol = {
  greet: (client) => client.send([{ T: 'success', msg: 'connected' }]),
  answer(client, message) {
    if (message.action === 'auth') {
      client.authenticated = message.key === 'the-key' && message.secret === 'the-secret';
      client.send([
        client.authenticated ? { T: 'success', msg: 'authenticated' } : { T: 'error', code: 402, msg: 'auth failed' },
      ]);
    } else if (message.action === 'subscribe' && client.authenticated) {
      for (const symbol of strings(message.trades)) client.symbols.add(symbol);
      client.send([{ T: 'subscription', trades: [...client.symbols], quotes: [], bars: [] }]);
    }
  },
  frames: (trades) => [
    trades.map(({ symbol, sequence, price, size, time }) => ({
      T: 't',
      i: sequence,
      S: symbol,
      x: 'V',
      p: Number(price),
      s: Number(size),
      t: iso(time),
      c: ['@'],
      z: 'C',
    })),
  ],
  heartbeat: () => [],
};
