import type { Client, Protocol } from '../protocol.ts';
import { iso, strings } from './text.ts';

const fault = (code: number, msg: string): readonly object[] => [{ T: 'error', code, msg }];

function subscribed({ symbols }: Client): readonly object[] {
  const others = { quotes: [], bars: [], updatedBars: [], dailyBars: [], statuses: [], lulds: [] };
  return [{ T: 'subscription', trades: [...symbols], ...others, corrections: [], cancelErrors: [] }];
}

/** Alpaca's market data in JSON: authentication, then trades. A key has one connection. */
export const alpaca: Protocol = {
  rules: { patienceMs: 10_000 },
  greet: (client) => client.send([{ T: 'success', msg: 'connected' }]),
  answer(client, message) {
    const { action, key, secret } = message;
    if (action === 'auth') {
      if (client.authenticated) client.send(fault(403, 'already authenticated'));
      else if (!client.accepts(String(key), String(secret))) client.send(fault(402, 'auth failed'));
      else if (client.others() > 0) {
        client.send(fault(406, 'connection limit exceeded'));
        client.close(1000, '');
      } else {
        client.authenticated = true;
        client.send([{ T: 'success', msg: 'authenticated' }]);
      }
      return;
    }
    if (!client.authenticated) return client.send(fault(401, 'not authenticated'));
    if (action !== 'subscribe' && action !== 'unsubscribe') return client.send(fault(400, 'invalid syntax'));
    for (const symbol of strings(message.trades))
      if (action === 'subscribe') client.symbols.add(symbol);
      else client.symbols.delete(symbol);
    client.send(subscribed(client));
  },
  impatient(client) {
    client.send(fault(404, 'auth timeout'));
    client.close(1000, '');
  },
  frames: (trades) => [
    trades.map((trade) => ({
      T: 't',
      i: trade.sequence,
      S: trade.symbol,
      x: 'V',
      p: Number(trade.price),
      s: Number(trade.size),
      t: iso(trade),
      c: ['@'],
      z: 'C',
    })),
  ],
  heartbeat: () => [],
};
