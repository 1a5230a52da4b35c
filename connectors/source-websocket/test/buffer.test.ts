import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryOffsets } from '@tributary/api/testing';
import { binance } from '@tributary/source-simulator/serve';
import t from 'tap';
import { type BufferOptions, EntryBuffer } from '../src/buffer.ts';
import type { Entry } from '../src/entry.ts';
import { gapsOf, numbers, serve, start, subscribed, ticksOf, upTo } from './support/pulled.ts';
import { until } from './support/until.ts';

const small = { preset: 'binance', symbols: 'BTCUSDT', 'buffer.max.records': '100', 'batch.max.records': '50' };

const entry = (sequence: number, symbol = 'A'): Entry => ({
  kind: 'record',
  symbol,
  item: { symbol, key: symbol, value: sequence, time: null, sequence, id: null },
  offset: { sequence },
  bytes: 10,
});

const buffer = (options: Partial<BufferOptions>): EntryBuffer =>
  new EntryBuffer({
    limits: { records: 10, bytes: 1_000_000 },
    policy: 'block',
    overflow: null,
    onBlock: () => {},
    onDrop: () => {},
    now: () => 7,
    ...options,
  });

const told = (entries: readonly Entry[]): readonly string[] =>
  entries.map((one) =>
    one.kind === 'record'
      ? `${one.symbol}${one.item.sequence}`
      : one.kind === 'gap'
        ? `${one.symbol} ${one.gap.reason} ${one.gap.from}-${one.gap.to} (${one.gap.count})`
        : 'malformed',
  );

t.test('a buffer that blocks says so when it is full, and when it is half empty', async (t) => {
  const blocked: boolean[] = [];
  const one = buffer({ onBlock: (is) => blocked.push(is) });
  for (let i = 1; i <= 12; i++) one.push(entry(i));
  t.strictSame(blocked, [true]);
  t.strictSame(told(one.take(4)), ['A1', 'A2', 'A3', 'A4']);
  t.strictSame(blocked, [true]);
  one.take(4);
  t.strictSame(blocked, [true, false]);
  t.equal(one.size, 4);
});

t.test('bytes count as well', async (t) => {
  const blocked: boolean[] = [];
  const one = buffer({ limits: { records: 100, bytes: 25 }, onBlock: (is) => blocked.push(is) });
  for (let i = 1; i <= 3; i++) one.push(entry(i));
  t.strictSame(blocked, [true]);
});

t.test('a buffer that drops the oldest tells what it dropped, before what is left', async (t) => {
  let dropped = 0;
  const one = buffer({
    policy: 'drop_oldest',
    onDrop: (count) => {
      dropped += count;
    },
  });
  for (let i = 1; i <= 12; i++) one.push(entry(i, i % 2 === 0 ? 'B' : 'A'));
  t.strictSame(told(one.take(100)), [
    'A dropped 1-3 (2)',
    'B dropped 2-2 (1)',
    'B4',
    'A5',
    'B6',
    'A7',
    'B8',
    'A9',
    'B10',
    'A11',
    'B12',
  ]);
  t.equal(dropped, 3);
  one.push(entry(13));
  t.strictSame(told(one.take(100)), ['A13'], 'and tells it once');
});

t.test('gaps are never dropped, and stay where they belong', async (t) => {
  const one = buffer({ policy: 'drop_oldest' });
  const gap = { symbol: 'A', from: 2, to: 3, count: 2, since: 1, recovered: false, reason: 'missing' } as const;
  one.push(entry(1));
  one.push({ kind: 'gap', symbol: 'A', gap, offset: { sequence: 3 }, until: 2 });
  for (let i = 4; i <= 13; i++) one.push(entry(i));
  t.strictSame(told(one.take(3)), ['A dropped 1-1 (1)', 'A missing 2-3 (2)', 'A dropped 4-4 (1)', 'A5', 'A6', 'A7']);
});

t.test('with buffer.policy=block nothing is lost while nobody takes records', async (t) => {
  const server = await serve(t, binance);
  const run = await start(t, {
    ...small,
    'websocket.url': server.url,
    'ping.interval.ms': '50',
    'silence.timeout.ms': '200',
  });
  await subscribed(server);
  server.trade('BTCUSDT', 1);
  await run.until((records) => records.length === 1);
  run.limit = 1;
  // Records that wait at both ends and in the sockets between them: more than the buffer holds.
  for (let i = 0; i < 200; i++) server.trade('BTCUSDT', 100);
  await until('nothing more is read', () => run.run.log.some((line) => /buffer is full/.test(line.message)));
  run.limit = Number.POSITIVE_INFINITY;
  await run.until((records) => records.length >= 20_001);
  t.strictSame(numbers(run.records), upTo(20_001));
  t.equal(server.handshakes.length, 1, 'over one connection');
});

t.test('with buffer.policy=drop_oldest what is dropped is told in the gap topic', async (t) => {
  const server = await serve(t, binance);
  const run = await start(t, { ...small, 'websocket.url': server.url, 'buffer.policy': 'drop_oldest' });
  await subscribed(server);
  server.trade('BTCUSDT', 1);
  await run.until((records) => records.length === 1);
  run.limit = 1;
  for (let i = 0; i < 20; i++) server.trade('BTCUSDT', 100);
  await until('some were dropped', () => Number(run.metrics['dropped-records-total']) > 1500);
  run.limit = Number.POSITIVE_INFINITY;
  await run.until((records) => ticksOf(records).at(-1)?.sequence === 2001);
  const dropped = gapsOf(run.records).flatMap(({ from, to }) => upTo(to! - from! + 1, from!));
  t.strictSame(
    [...numbers(run.records), ...dropped].toSorted((a, b) => a - b),
    upTo(2001),
  );
});

t.test('with buffer.policy=spill what does not fit waits on disk, a restart included', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'spill-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const server = await serve(t, binance);
  const offsets = new MemoryOffsets();
  const props = { ...small, 'websocket.url': server.url, 'buffer.policy': 'spill', 'buffer.spill.dir': dir };
  const first = await start(t, props, offsets);
  await subscribed(server);
  server.trade('BTCUSDT', 1);
  await first.until((records) => records.length === 1);
  first.limit = 1;
  for (let i = 0; i < 30; i++) server.trade('BTCUSDT', 100);
  await until('all were read', () => first.metrics['messages-total'] === 3002);
  first.limit = 500;
  await first.until((records) => records.length >= 500);
  await first.stop();
  t.ok(first.records.length < 3001, 'some were left');
  await until('it is gone', () => server.clients.size === 0);
  const second = await start(t, props, offsets);
  await second.until((records) => numbers(records).at(-1) === 3001);
  t.strictSame(numbers([...first.records, ...second.records]), upTo(3001));
});
