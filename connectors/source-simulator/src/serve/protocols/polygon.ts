import type { Protocol } from '../protocol.ts';

export const polygon: Protocol = {
  greet: (client) => client.send([{ ev: 'status', status: 'connected', message: 'Connected Successfully' }]),
  answer(client, message) {
    if (message.action === 'auth') {
      client.authenticated = message.params === 'the-key';
      client.send([
        client.authenticated
          ? { ev: 'status', status: 'auth_success', message: 'authenticated' }
          : { ev: 'status', status: 'auth_failed', message: 'authentication failed' },
      ]);
    } else if (message.action === 'subscribe' && client.authenticated) {
      const channels = (message.params as string).split(',');
      for (const one of channels) client.symbols.add(one.slice(2));
      client.send(channels.map((one) => ({ ev: 'status', status: 'success', message: `subscribed to: ${one}` })));
    }
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
