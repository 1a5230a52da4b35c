import { MemoryOffsets } from '@tributary/api/testing';
import { type Tick, tickSchema } from '@tributary/market';
import { alpaca, binance, coinbase, kraken, nameOf } from '@tributary/source-simulator/serve';
import { gapSchema } from '@tributary/source-websocket';
import t from 'tap';
import { gapsOf, numbers, serve, start, subscribed, ticksOf, upTo } from './support/pulled.ts';
import { until } from './support/until.ts';

t.test('a preset and its symbols are all that a config needs', async (t) => {
  const server = await serve(t, binance);
  const run = await start(t, { preset: 'binance', symbols: 'BTCUSDT', 'websocket.url': server.url });
  await subscribed(server);
  server.trade('BTCUSDT', 3);
  await run.until((records) => records.length >= 3);
  t.strictSame(server.received[0], { method: 'SUBSCRIBE', params: ['btcusdt@trade'], id: 1 });
  const [record] = run.records;
  const tick = record!.value as Tick;
  t.equal(record!.valueSchema, tickSchema);
  t.equal(record!.key, 'BTCUSDT');
  t.equal(tick.price_text, '101.010');
  t.equal(tick.size_text, '0.20');
  t.equal(tick.price, 101.01);
  t.equal(tick.exchange, 'BINANCE');
  t.equal(record!.timestamp, tick.event_time.getTime());
  t.strictSame(numbers(run.records), [1, 2, 3]);
  t.strictSame(run.run.offsets.entries()[0]![0], { feed: 'binance', symbol: 'BTCUSDT' });
});

t.test('what comes again is dropped, and what comes too early waits', async (t) => {
  const server = await serve(t, binance);
  const run = await start(t, { preset: 'binance', symbols: 'BTCUSDT', 'websocket.url': server.url });
  await subscribed(server);
  const [a, b, c, d] = server.make('BTCUSDT', 4);
  server.send([b!]);
  server.send([a!]);
  server.send([a!]);
  server.send([d!]);
  server.send([c!]);
  server.send([d!]);
  await run.until((records) => records.length >= 4);
  t.strictSame(numbers(run.records), [1, 2, 3, 4]);
  t.equal(run.metrics['duplicates-total'], 2);
  t.equal(run.metrics['gaps-total'], 0);
});

t.test('what is missing is told in the gap topic, before what follows it', async (t) => {
  const server = await serve(t, binance);
  const run = await start(t, { preset: 'binance', symbols: 'BTCUSDT', 'websocket.url': server.url });
  await subscribed(server);
  server.trade('BTCUSDT', 2);
  await run.until((records) => records.length >= 2);
  server.make('BTCUSDT', 3);
  server.trade('BTCUSDT', 2);
  await run.until((records) => records.length >= 5);
  t.strictSame(numbers(run.records), [1, 2, 6, 7]);
  t.match(gapsOf(run.records), [{ symbol: 'BTCUSDT', from: 3, to: 5, recovered: false, reason: 'missing' }]);
  t.equal(run.records[2]!.valueSchema, gapSchema);
  t.equal(run.metrics['missing-records-total'], 3);
});

for (const [preset, symbol, protocol] of [
  ['binance', 'BTCUSDT', binance],
  ['coinbase', 'BTC-USD', coinbase],
  ['kraken', 'BTC/USD', kraken],
] as const)
  t.test(`${preset}: what is missing is fetched from the REST API and delivered in order`, async (t) => {
    const server = await serve(t, protocol);
    const run = await start(t, {
      preset,
      symbols: symbol,
      'websocket.url': server.url,
      'recovery.url': server.restUrl,
    });
    await subscribed(server);
    server.trade(symbol, 2);
    await run.until((records) => records.length >= 2);
    server.make(symbol, 1500);
    server.trade(symbol, 2);
    await run.until((records) => ticksOf(records).length >= 1504);
    t.strictSame(numbers(run.records), upTo(1504));
    t.ok(gapsOf(run.records).every((gap) => gap.recovered));
    const told = ticksOf(run.records)[700]!;
    const made = server.trades.get(symbol)![700]!;
    t.strictSame([told.price_text, told.size_text, told.event_time.getTime()], [made.price, made.size, made.time]);
    t.equal(run.metrics['recovered-records-total'], 1500);
  });

t.test('what the REST API does not have either is told, and the rest recovered', async (t) => {
  const server = await serve(t, binance);
  const run = await start(t, {
    preset: 'binance',
    symbols: 'BTCUSDT',
    'websocket.url': server.url,
    'recovery.url': server.restUrl,
  });
  await subscribed(server);
  server.trade('BTCUSDT', 1);
  await run.until((records) => records.length >= 1);
  for (const trade of server.make('BTCUSDT', 4)) if (trade.sequence !== 2) server.unknownToRest.add(nameOf(trade));
  server.trade('BTCUSDT', 1);
  await run.until((records) => ticksOf(records).length >= 3);
  t.strictSame(numbers(run.records), [1, 2, 6]);
  t.match(gapsOf(run.records), [
    { from: 2, to: 2, recovered: true },
    { from: 3, to: 5, recovered: false },
  ]);
});

t.test('a heartbeat that names the last trade reveals a gap before the next trade does', async (t) => {
  const server = await serve(t, coinbase);
  const run = await start(t, { preset: 'coinbase', symbols: 'BTC-USD', 'websocket.url': server.url });
  await subscribed(server);
  server.trade('BTC-USD', 1);
  await run.until((records) => records.length >= 1);
  server.make('BTC-USD', 2);
  server.heartbeat();
  await run.until((records) => records.length >= 2);
  t.match(gapsOf(run.records), [{ from: 2, to: 3, recovered: false }]);
});

t.test('a late record of a gap that was told is delivered, and told to be recovered', async (t) => {
  const server = await serve(t, binance);
  const run = await start(t, { preset: 'binance', symbols: 'BTCUSDT', 'websocket.url': server.url });
  await subscribed(server);
  server.trade('BTCUSDT', 1);
  await run.until((records) => records.length >= 1);
  const late = server.make('BTCUSDT', 1);
  server.trade('BTCUSDT', 1);
  await run.until((records) => records.length >= 3);
  server.send(late);
  await run.until((records) => records.length >= 5);
  t.strictSame(numbers(run.records), [1, 3, 2]);
  t.match(gapsOf(run.records)[1], { from: 2, to: 2, recovered: true, reason: 'late' });
  t.match(run.run.offsets.entries()[0]![1], { sequence: 3 }, 'the offset does not go back');
});

t.test('after a restart it goes on where it was: nothing twice, and what came meanwhile is a gap', async (t) => {
  const server = await serve(t, binance);
  const offsets = new MemoryOffsets();
  const props = { preset: 'binance', symbols: 'BTCUSDT,ETHUSDT', 'websocket.url': server.url };
  const first = await start(t, props, offsets);
  await subscribed(server, 2);
  server.trade('BTCUSDT', 5);
  server.trade('ETHUSDT', 5);
  await first.until((records) => records.length >= 10);
  await first.stop();
  await until('the server has no client', () => server.clients.size === 0);
  server.trade('BTCUSDT', 2);
  const second = await start(t, props, offsets);
  await subscribed(server, 2);
  server.send(server.trades.get('BTCUSDT')!.slice(3, 5));
  server.trade('BTCUSDT', 1);
  server.trade('ETHUSDT', 1);
  await second.until((records) => records.length >= 3);
  t.strictSame(
    ticksOf(second.records)
      .map(({ symbol, sequence }) => `${symbol}:${sequence}`)
      .sort(),
    ['BTCUSDT:8', 'ETHUSDT:6'],
  );
  t.match(gapsOf(second.records), [{ symbol: 'BTCUSDT', from: 6, to: 7 }]);
});

t.test('a feed that begins to count anew is followed after three records, and told', async (t) => {
  const server = await serve(t, binance);
  const offsets = new MemoryOffsets([
    [
      { feed: 'binance', symbol: 'BTCUSDT' },
      { sequence: 9_000, time: 1 },
    ],
  ]);
  const run = await start(t, { preset: 'binance', symbols: 'BTCUSDT', 'websocket.url': server.url }, offsets);
  await subscribed(server);
  server.trade('BTCUSDT', 5);
  await run.until((records) => records.length >= 6);
  t.strictSame(numbers(run.records), [1, 2, 3, 4, 5]);
  t.match(gapsOf(run.records), [{ reason: 'reset', from: 9_001 }]);
});

t.test('feeds whose records have ids but no numbers: repetitions are dropped, over a restart as well', async (t) => {
  const server = await serve(t, alpaca);
  const offsets = new MemoryOffsets();
  const props = {
    preset: 'alpaca',
    symbols: 'AAPL',
    'api.key': 'the-key',
    'api.secret': 'the-secret',
    'websocket.url': server.url,
  };
  const first = await start(t, props, offsets);
  await subscribed(server);
  const sent = server.trade('AAPL', 20);
  server.send(sent.slice(5, 8));
  server.trade('AAPL', 1);
  await first.until((records) => records.length >= 21);
  t.strictSame(numbers(first.records), upTo(21));
  await first.stop();
  await until('the server has no client', () => server.clients.size === 0);
  const second = await start(t, props, offsets);
  await subscribed(server);
  server.send(server.trades.get('AAPL')!);
  server.trade('AAPL', 1);
  await second.until((records) => ticksOf(records).length >= 1);
  t.strictSame(numbers(second.records), [22]);
  t.match(gapsOf(second.records), [{ reason: 'disconnect', from: null, to: null }], 'what was missed cannot be told');
});
