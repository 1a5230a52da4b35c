import type { Protocol } from '../protocol.ts';

const status = (name: string, message: string): object => ({ ev: 'status', status: name, message });

/** Polygon's stocks: authentication, then trades. A key has one connection. */
export const polygon: Protocol = {
  rules: { patienceMs: 30_000 },
  greet: (client) => client.send([status('connected', 'Connected Successfully')]),
  answer(client, { action, params }) {
    if (action === 'auth') {
      if (!client.accepts(String(params), null)) client.send([status('auth_failed', 'authentication failed')]);
      else if (client.others() > 0) {
        client.send([status('max_connections', 'Maximum number of websocket connections exceeded.')]);
        client.close(1008, '');
      } else {
        client.authenticated = true;
        client.send([status('auth_success', 'authenticated')]);
      }
      return;
    }
    const channels = typeof params === 'string' ? params.split(',') : [];
    const subscribes = action === 'subscribe';
    if (!client.authenticated) client.send([status('auth_required', 'not authenticated')]);
    else if (!subscribes && action !== 'unsubscribe') client.send([status('error', 'unknown action')]);
    else
      client.send(
        channels.map((channel) => {
          const symbol = /^T\.(.+)$/.exec(channel)?.[1];
          if (symbol === undefined) return status('error', `invalid channel: ${channel}`);
          if (subscribes) client.symbols.add(symbol);
          else client.symbols.delete(symbol);
          return status('success', `${subscribes ? 'subscribed' : 'unsubscribed'} to: ${channel}`);
        }),
      );
  },
  impatient(client) {
    client.send([status('auth_timeout', 'authentication timed out')]);
    client.close(1008, '');
  },
  frames: (trades) => [
    trades.map(({ symbol, sequence, price, size, time }) => ({
      ev: 'T',
      sym: symbol,
      x: 4,
      i: String(sequence),
      z: 3,
      p: Number(price),
      s: Number(size),
      c: [0, 12],
      t: time,
      q: sequence * 3,
    })),
  ],
  heartbeat: () => [],
};
