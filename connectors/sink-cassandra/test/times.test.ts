import type { SinkRecordInput } from '@tributary/api/testing';
import { Random, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { type TestStore, testStore } from './support/store.ts';

const skip = await skipUnlessAvailable('cassandra');
const AT = 1_700_000_000_000;
const topic = 'ticks';

const create = (store: TestStore) => store.cql('CREATE TABLE ticks (symbol text PRIMARY KEY, price int, note text)');
const rows = (store: TestStore) => store.cql('SELECT symbol, price, note, writetime(price) AS w FROM ticks');

const tick = (offset: number, symbol: string, price: number, timestamp: number): SinkRecordInput => ({
  topic,
  offset,
  timestamp,
  key: symbol,
  value: { symbol, price },
});

async function inBatches(
  run: { put(records: readonly SinkRecordInput[]): Promise<void> },
  records: readonly SinkRecordInput[],
  size: number,
) {
  for (let i = 0; i < records.length; i += size) await run.put(records.slice(i, i + size));
}

t.test('of 10,000 updates within a millisecond the last one stays, also after a replay', { skip }, async (t) => {
  await using store = await testStore();
  await create(store);
  // Prices that go up and down: Cassandra itself would keep the largest of equal write times.
  const updates = Array.from({ length: 10_000 }, (_none, i) => tick(i, 'A', (i * 7919) % 10_007, AT));
  const run = await store.run({ topics: topic });
  await inBatches(run, updates, 500);
  await run.close();
  const once = await rows(store);
  t.same(once, [{ symbol: 'A', price: (9_999 * 7919) % 10_007, note: null, w: BigInt(AT) * 1000n + 9_999n }]);

  const replay = await store.run({ topics: topic });
  await inBatches(replay, updates, 333);
  await replay.close();
  t.same(await rows(store), once);

  const half = await store.run({ topics: topic });
  await inBatches(half, updates.slice(0, 5_000), 500);
  const committed = await half.flush();
  await inBatches(half, updates.slice(5_000, 6_000), 500);
  const resumed = await store.run({ topics: topic }, { committed });
  await inBatches(resumed, updates.slice(5_000), 500);
  t.same(await rows(store), once, 'also from the middle on');
  await resumed.put([tick(10_000, 'A', 1, AT)]);
  t.match(await rows(store), [{ price: 1 }], 'and what is new comes after it');
  await half.close();
  await resumed.close();
});

t.test('what is late overwrites nothing newer, and is stored where it is the newest', { skip }, async (t) => {
  await using store = await testStore();
  await create(store);
  const run = await store.run({ topics: topic });
  await run.put([tick(0, 'A', 1, AT + 10), tick(1, 'B', 2, AT)]);
  await run.put([tick(2, 'A', 3, AT + 9), tick(3, 'B', 4, AT + 1), tick(4, 'B', 5, AT + 1)]);
  await run.put([{ topic, offset: 5, key: 'A', timestamp: AT + 5, value: null }]);
  await run.close();
  t.same((await rows(store)).map(({ symbol, price }) => [symbol, price]).toSorted(), [
    ['A', 1],
    ['B', 5],
  ]);
});

t.test('a field gives the write time', { skip }, async (t) => {
  await using store = await testStore();
  await create(store);
  const run = await store.run({
    topics: topic,
    [store.key(topic, 'ticks')]: 'symbol=value.symbol, price=value.price, __timestamp=value.at',
    [store.key(topic, 'ticks', 'timestampTimeUnit')]: 'SECONDS',
  });
  const put = (offset: number, price: number, at: unknown) =>
    run.put([{ topic, offset, timestamp: AT - offset, value: { symbol: 'A', price, at } }]);
  await put(0, 1, 1000);
  await put(1, 2, 999);
  await put(2, 3, 1000n);
  await put(3, 4, 'soon');
  await put(4, 5, null);
  await run.close();
  t.same(await rows(store), [{ symbol: 'A', price: 3, note: null, w: 1_000_000_001n }]);
  t.match(
    run.errant.map(({ error }) => (error as Error).message),
    [/__timestamp \(value.at\) must be a whole number of seconds/, /__timestamp/],
  );
});

t.test(
  'partial updates, deletions, ties and late ones by chance: the store ends as a model does, and a replay changes nothing',
  { skip },
  async (t) => {
    await using store = await testStore();
    await create(store);
    const random = new Random(6);
    const records = Array.from({ length: 3_000 }, (_none, offset): SinkRecordInput => {
      const symbol = `S${random.below(12)}`;
      // Up to 20 ms late, in a stream in which each millisecond has about 3 records.
      const timestamp = AT + Math.floor(offset / 3) - (random.chance(0.2) ? random.below(20) : 0);
      const value = random.chance(0.05)
        ? null
        : random.chance(0.5)
          ? { price: offset, ...(random.chance(0.4) && { note: `n${offset}` }) }
          : { note: `n${offset}` };
      return { topic, offset, timestamp, key: symbol, value };
    });
    const model = new Map<string, { price: number | null; note: string | null }>();
    for (const { key, value } of records.toSorted((a, b) => a.timestamp! - b.timestamp! || a.offset! - b.offset!)) {
      const symbol = key as string;
      if (value === null) model.set(symbol, { price: null, note: null });
      else model.set(symbol, { ...(model.get(symbol) ?? { price: null, note: null }), ...(value as object) });
    }
    const expected = (shown: Awaited<ReturnType<typeof rows>>) =>
      shown.map(({ symbol }) => {
        const { price, note } = model.get(symbol as string)!;
        return { symbol, price, note };
      });
    const plain = (shown: Awaited<ReturnType<typeof rows>>) =>
      shown.map(({ symbol, price, note }) => ({ symbol, price, note }));

    const run = await store.run({
      topics: topic,
      [store.key(topic, 'ticks')]: 'symbol=key, price=value.price, note=value.note',
    });
    await inBatches(run, records, 170);
    const once = await rows(store);
    t.same(plain(once), expected(once));
    const present = [...model]
      .filter(([, { price, note }]) => price !== null || note !== null)
      .map(([symbol]) => symbol);
    t.same(once.map(({ symbol }) => symbol as string).toSorted(), present.toSorted());
    await inBatches(run, records, 501);
    await inBatches(run, records.slice(1000), 77);
    await run.close();
    t.same(await rows(store), once);
  },
);
