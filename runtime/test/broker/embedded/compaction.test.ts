import t from 'tap';
import type { EmbeddedBroker } from '../../../src/broker/embedded/broker.ts';
import { contents, newFolder, openFolder } from './support.ts';

const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString());

async function send(broker: EmbeddedBroker, topic: string, entries: ReadonlyArray<[string, string | null]>) {
  const producer = await broker.producer({ clientId: 'test' });
  for (let from = 0; from < entries.length; from += 7) {
    await producer.send(
      entries.slice(from, from + 7).map(([key, value]) => ({
        topic,
        partition: 0,
        key: Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        timestamp: null,
        headers: [{ key: 'h', value: null }],
      })),
    );
  }
  await producer.close();
}

async function compacted(t: { testdir(): string; teardown(f: () => unknown): void }, configs = {}) {
  const folder = newFolder(t.testdir());
  const broker = await openFolder(folder);
  t.teardown(() => broker.close());
  await broker.topics.create({
    name: 'state',
    partitions: 1,
    replicationFactor: 1,
    configs: { 'cleanup.policy': 'compact', ...configs },
  });
  return { broker, folder };
}

t.test('only the latest record of every key is left, at its own offset', async (t) => {
  const { broker, folder } = await compacted(t);
  const entries = Array.from({ length: 1000 }, (_, n): [string, string] => [`key${n % 10}`, `value${n}`]);
  await send(broker, 'state', entries);
  await broker.housekeep();
  const check = (records: Awaited<ReturnType<typeof contents>>): void => {
    t.strictSame(
      records.map((r) => [r.offset, text(r.key), text(r.value), r.headers.length]),
      entries.slice(990).map(([key, value], index) => [990 + index, key, value, 1]),
    );
  };
  check(await contents(broker, 'state'));
  t.equal((await broker.topics.endOffsets('state'))[0]?.offset, 1000);
  await broker.close();
  const again = await openFolder(folder);
  t.teardown(() => again.close());
  check(await contents(again, 'state'));
});

t.test('a topic compacted again and again keeps the latest', async (t) => {
  const { broker } = await compacted(t);
  for (let round = 0; round < 5; round++) {
    await send(
      broker,
      'state',
      Array.from({ length: 500 }, (_, n) => [`key${n % 50}`, `${round}.${n}`]),
    );
    await broker.housekeep();
  }
  const records = await contents(broker, 'state');
  const latest = new Map(records.map((r) => [text(r.key), text(r.value)]));
  t.equal(records.length, 50);
  for (let n = 0; n < 50; n++) t.equal(latest.get(`key${n}`), `4.${450 + n}`);
});

t.test('a tombstone stays for delete.retention.ms, then goes with its key', async (t) => {
  const filler = Array.from({ length: 200 }, (_, n): [string, string] => ['filler', `${n}`.padEnd(30)]);
  const { broker } = await compacted(t);
  await send(broker, 'state', [['gone', 'x'], ['gone', null], ...filler]);
  await broker.housekeep();
  t.strictSame(
    (await contents(broker, 'state')).map((r) => text(r.key)),
    ['gone', 'filler'],
  );
  const { broker: hasty } = await compacted(t, { 'delete.retention.ms': '0' });
  await send(hasty, 'state', [['gone', 'x'], ['gone', null], ...filler]);
  while (hasty === undefined || (await contents(hasty, 'state')).at(1)!.timestamp >= Date.now())
    await new Promise(setImmediate);
  await hasty.housekeep();
  t.strictSame(
    (await contents(hasty, 'state')).map((r) => text(r.key)),
    ['filler'],
  );
});

t.test('a consumer reads on through a compaction', async (t) => {
  const { broker } = await compacted(t);
  await send(
    broker,
    'state',
    Array.from({ length: 700 }, (_, n) => [`key${n % 7}`, `value${n}`.padEnd(20)]),
  );
  const consumer = broker.consumer({ clientId: 'test', groupId: 'g', topics: ['state'] });
  const seen = [...(await consumer.poll({ maxRecords: 3, timeoutMs: 1000 }))];
  await broker.housekeep();
  await send(broker, 'state', [['key0', 'last']]);
  while (text(seen.at(-1)?.value ?? null) !== 'last') {
    seen.push(...(await consumer.poll({ maxRecords: 3, timeoutMs: 1000 })));
  }
  const latest = new Map(seen.map((r) => [text(r.key), text(r.value)]));
  t.equal(latest.get('key0'), 'last');
  for (let n = 1; n < 7; n++) t.equal(latest.get(`key${n}`)?.trim(), `value${693 + n}`);
});

t.test('a record without key is refused, as Kafka does', async (t) => {
  const { broker } = await compacted(t);
  const producer = await broker.producer({ clientId: 'test' });
  await t.rejects(
    producer.send([{ topic: 'state', partition: 0, key: null, value: Buffer.from('x'), timestamp: null, headers: [] }]),
    { code: 'INVALID_RECORD' },
  );
});
