/** Servers that refuse a part of what is asked for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as protocols from '@tributary/source-simulator/serve';
import t, { type Test } from 'tap';
import { gapsOf, logged, numbers, serve, start, subscribed, ticksOf } from './support/pulled.ts';
import { until } from './support/until.ts';

type Protocol = protocols.Protocol;

const coinbase: Protocol = {
  ...protocols.coinbase,
  answer(client, message) {
    const products = message.product_ids as readonly string[];
    if (products.includes('FOO-BAR'))
      client.send({ type: 'error', message: 'Failed to subscribe', reason: 'FOO-BAR is not a valid product' });
    else protocols.coinbase.answer(client, message);
  },
};

const polygon: Protocol = {
  ...protocols.polygon,
  answer(client, message) {
    if (message.action !== 'subscribe') return protocols.polygon.answer(client, message);
    client.send([{ ev: 'status', status: 'error', message: 'unknown ticker: T.NOPE' }]);
    client.symbols.add('AAPL');
    client.send([{ ev: 'status', status: 'success', message: 'subscribed to: T.AAPL' }]);
  },
};

for (const [preset, protocol, good, bad] of [
  ['coinbase', coinbase, 'BTC-USD', 'FOO-BAR'],
  ['polygon', polygon, 'AAPL', 'NOPE'],
] as const)
  t.test(`${preset}: one symbol that is refused does not stop the others`, async (t) => {
    const server = await serve(t, protocol);
    const run = await start(t, {
      preset,
      symbols: `${good},${bad}`,
      'websocket.url': server.url,
      'api.key': 'the-key',
      'recovery.enabled': 'false',
    });
    await until('it is live', () => run.metrics['connections-up'] === 1);
    server.trade(good, 2);
    await run.until((records) => ticksOf(records).length === 2);
    t.ok(logged(run.run.log, new RegExp(`refused a subscription: .*${bad}`)));
    t.equal(server.handshakes.length, 1, 'the first connection stays');
  });

/** A feed that acknowledges each subscription, or refuses it, and whose answers to pings are plain text. */
const plain: Protocol = {
  answer(client, message) {
    const symbol = message.s as string;
    if (symbol === 'BAD') client.send({ kind: 'error', text: 'no such symbol BAD' });
    else {
      client.symbols.add(symbol);
      client.send({ kind: 'ok' });
      client.send('pong');
    }
  },
  frames: (trades) => [{ rows: trades.map(({ symbol, sequence, price }) => ({ s: symbol, n: sequence, p: price })) }],
  heartbeat: () => 'pong',
};

const generic = {
  'subscribe.messages': '{"s":"${symbol}"}',
  'subscribe.ack': 'kind=ok',
  'subscribe.error': 'kind=error',
  'records.path': 'rows',
  'records.key': 's',
};

t.test('by config as well: what is granted goes on, and text that is no JSON can be passed over', async (t) => {
  const server = await serve(t, plain);
  const run = await start(t, {
    ...generic,
    symbols: 'A,BAD,B',
    'websocket.url': server.url,
    'messages.ignored': '=pong',
    'subscribe.interval.ms': '5',
  });
  await subscribed(server, 2);
  await until('it is live', () => run.metrics['connections-up'] === 1);
  server.heartbeat();
  server.trade('A', 1);
  server.trade('B', 1);
  await run.until((records) => records.length === 2);
  t.equal(run.metrics['malformed-messages-total'], 0);
  t.equal(run.metrics['rejected-subscriptions-total'], 1);
  t.equal(server.handshakes.length, 1);
});

t.test('messages that are passed on as text are looked into for acknowledgements', async (t) => {
  const server = await serve(t, plain);
  const run = await start(t, {
    symbols: 'A',
    'websocket.url': server.url,
    'subscribe.messages': '{"s":"${symbol}"}',
    'subscribe.ack': 'kind=ok',
    'records.format': 'text',
  });
  await until('it is live', () => run.metrics['connections-up'] === 1);
  server.broadcast('{"kind":"trade"}');
  await run.until((records) => records.length === 2);
  t.strictSame(
    run.records.map((record) => record.value),
    ['pong', '{"kind":"trade"}'],
  );
});

t.test('one record that lacks its number does not take the others of its message along', async (t) => {
  const server = await serve(t, plain);
  const run = await start(t, {
    ...generic,
    symbols: 'A',
    'websocket.url': server.url,
    'records.sequence': 'n',
    'messages.ignored': '=pong',
  });
  await subscribed(server);
  await until('it is live', () => run.metrics['connections-up'] === 1);
  server.broadcast('{"rows":[{"s":"A","n":1},{"s":"A","n":"x"},{"s":"A","n":2}]}');
  await run.until((records) => records.length === 2);
  t.equal(run.metrics['malformed-messages-total'], 1);
});

function presetFile(t: Test, preset: object): string {
  const dir = mkdtempSync(join(tmpdir(), 'preset-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'own.json'), JSON.stringify(preset));
  return join(dir, 'own.json');
}

t.test('where records have neither number nor id, two connections are not read at once', async (t) => {
  const server = await serve(t, plain);
  const own = { urls: [server.url], subscribe: ['{"s":"${symbol}"}'], acknowledged: 'kind=ok', ignored: '=pong' };
  const preset = presetFile(t, { ...own, records: { path: 'rows', key: 's' } });
  const run = await start(t, {
    preset,
    symbols: 'A',
    'reconnect.planned.ms': '100',
    'reconnect.overlap.ms': '60000',
  });
  await subscribed(server);
  await until('it was replaced', () => server.handshakes.length >= 2 && Number(run.metrics['connects-total']) >= 2);
  await until('the old one is gone', () => server.clients.size === 1);
  server.trade('A', 1);
  await run.until((records) => records.length === 1);
});

t.test('a preset of your own tells side, id and currency', async (t) => {
  const server = await serve(t, plain);
  const preset = presetFile(t, {
    urls: [server.url],
    records: {
      path: 'rows',
      timestamp: 'at',
      tick: { symbol: 's', price: 'p', side: 'side', trade_id: 'id', currency: "'EUR'" },
    },
  });
  const run = await start(t, { preset, symbols: 'A' });
  await until('it is there', () => server.clients.size === 1);
  server.broadcast('{"rows":[{"s":"A","p":1.50,"at":1772461800000,"side":"SELL","id":9007199254740993}]}');
  await run.until((records) => records.length === 1);
  t.match(ticksOf(run.records)[0], { side: 'sell', trade_id: '9007199254740993', currency: 'EUR', price_text: '1.50' });
});

t.test('without a connection is everything since the last sign of life, and every symbol', async (t) => {
  const server = await serve(t, protocols.alpaca);
  const run = await start(t, {
    preset: 'alpaca',
    symbols: 'AAPL,MSFT',
    'api.key': 'the-key',
    'api.secret': 'the-secret',
    'websocket.url': server.url,
    'ping.interval.ms': '300',
    'ping.timeout.ms': '300',
  });
  await subscribed(server, 2);
  await until('it is live', () => run.metrics['connections-up'] === 1);
  server.trade('AAPL', 1);
  await run.until((records) => records.length === 1);
  server.kill();
  const killed = Date.now();
  server.trade('AAPL', 1);
  await run.until((records) => gapsOf(records).length === 2);
  for (const gap of run.records.filter((record) => record.topic === 'gaps')) {
    const { since, until } = gap.value as { readonly since: Date; readonly until: Date };
    t.ok(since.getTime() <= killed && until.getTime() > killed, `${since.toISOString()} is before it was cut`);
  }
  t.strictSame(numbers(run.records), [1]);

  const { offsets } = run.run;
  await run.stop();
  const again = await start(
    t,
    {
      preset: 'alpaca',
      symbols: 'AAPL,MSFT',
      'api.key': 'the-key',
      'api.secret': 'the-secret',
      'websocket.url': server.url,
    },
    offsets,
  );
  await again.until((records) => gapsOf(records).length === 2);
  t.strictSame(
    gapsOf(again.records).map((gap) => gap.symbol),
    ['AAPL', 'MSFT'],
    'also of a symbol of which nothing has come yet',
  );
});
