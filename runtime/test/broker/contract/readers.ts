import type { Test } from 'tap';
import { type Bench, numbered, record, text, values } from './support.ts';

export async function readers(t: Test, bench: Bench): Promise<void> {
  const { broker } = bench;

  await t.test('a reader catches up with everything that is there, in order', async (t) => {
    const topic = await bench.topic(3);
    for (let partition = 0; partition < 3; partition++) {
      await bench.send(numbered(`p${partition}.`, 500).map((value) => record(topic, value, { partition })));
    }
    const { reader, seen, errors } = bench.reader(t, { topic });
    await reader.readToEnd();
    t.equal(seen.length, 1500);
    for (let partition = 0; partition < 3; partition++) {
      t.strictSame(values(seen.filter((r) => r.partition === partition)), numbered(`p${partition}.`, 500));
    }
    t.strictSame(errors, []);
  });

  await t.test('an empty topic is at its end', async (t) => {
    const { reader, seen } = bench.reader(t, { topic: await bench.topic(2) });
    await reader.readToEnd();
    t.strictSame(seen, []);
  });

  await t.test('reading to the end again brings what came in between, once', async (t) => {
    const topic = await bench.topic();
    await bench.send([record(topic, 'a')]);
    const { reader, seen } = bench.reader(t, { topic });
    await Promise.all([reader.readToEnd(), reader.readToEnd()]);
    t.strictSame(values(seen), ['a']);
    await bench.send([record(topic, 'b'), record(topic, 'c')]);
    await reader.readToEnd();
    t.strictSame(values(seen), ['a', 'b', 'c']);
    await reader.readToEnd();
    t.strictSame(values(seen), ['a', 'b', 'c']);
  });

  await t.test('every call to read to the end includes what was acknowledged before it', async (t) => {
    const topic = await bench.topic();
    const producer = await bench.producer(t);
    const { reader, seen } = bench.reader(t, { topic });
    for (let n = 0; n < 30; n++) {
      await producer.send([record(topic, `${n}`)]);
      await reader.readToEnd();
      t.equal(seen.length, n + 1);
    }
  });

  await t.test('a reader follows the topic by itself', async (t) => {
    const topic = await bench.topic();
    const { reader, seen } = bench.reader(t, { topic });
    await reader.readToEnd();
    await bench.send(numbered('v', 10).map((value) => record(topic, value)));
    await bench.until('all has come', () => seen.length === 10);
    t.strictSame(values(seen), numbered('v', 10));
  });

  await t.test('aborted records are never shown, and do not keep a reader from the end', async (t) => {
    const topic = await bench.topic();
    const { reader, seen } = bench.reader(t, { topic });
    const producer = await bench.producer(t, { transactionalId: bench.name('tx') });
    await producer.begin();
    await producer.send(numbered('kept', 5).map((value) => record(topic, value)));
    await producer.commit();
    await producer.begin();
    await producer.send(numbered('aborted', 5).map((value) => record(topic, value)));
    await producer.abort();
    await reader.readToEnd();
    await bench.until('the commit is seen', () => seen.length > 0);
    t.strictSame(values(seen), numbered('kept', 5));
    t.strictSame(values(await bench.settled(topic, 5)), numbered('kept', 5));
  });

  await t.test('a compacted topic ends in the latest value of every key', async (t) => {
    const topic = await bench.topic(1, { 'cleanup.policy': 'compact', ...bench.options.compactConfigs });
    for (let round = 0; round < 20; round++) {
      await bench.send(numbered('key', 10).map((key) => record(topic, `${key}=${round}`, { key })));
    }
    await bench.send([record(topic, null, { key: 'key3' })]);
    const latest = async (): Promise<Map<string | null, string | null>> =>
      new Map((await bench.contents(topic)).map((r) => [text(r.key), text(r.value)]));
    const expected = new Map<string, string | null>(numbered('key', 10).map((key) => [key, `${key}=19`]));
    expected.set('key3', null);
    t.strictSame(new Map([...(await latest())].sort()), new Map([...expected].sort()));
    const { reader, seen } = bench.reader(t, { topic });
    await reader.readToEnd();
    if (bench.options.compact) {
      await bench.options.compact(broker, topic);
      const left = await bench.contents(topic);
      t.ok(left.length < 201, `${left.length} of 201 records are left`);
      const [end] = await broker.topics.endOffsets(topic);
      t.equal(end?.offset, 201, 'offsets stay as they are');
      const after = await latest();
      for (const [key, value] of expected) t.equal(after.get(key) ?? null, value);
    }
    const before = seen.length;
    await bench.send([record(topic, 'key0=20', { key: 'key0' })]);
    await reader.readToEnd();
    t.strictSame(values(seen.slice(before)), ['key0=20'], 'a reader goes on across a compaction');
  });

  await t.test('a closed reader shows nothing more', async (t) => {
    const topic = await bench.topic();
    const { reader, seen } = bench.reader(t, { topic });
    await reader.readToEnd();
    await reader.close();
    await bench.send([record(topic, 'late')]);
    await bench.contents(topic);
    t.strictSame(seen, []);
    await t.rejects(reader.readToEnd());
  });
}
