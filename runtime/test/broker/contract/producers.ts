import type { Test } from 'tap';
import { BrokerError, RecordTooLargeError } from '../../../src/broker/errors.ts';
import type { RawHeader } from '../../../src/broker/port.ts';
import { type Bench, bytes, numbered, record, text, values } from './support.ts';

/** Key -> partition of 1, 3 and 25, by Java's default partitioner. */
const PARTITIONS: ReadonlyArray<readonly [string | readonly number[], number, number, number]> = [
  ['', 0, 0, 6],
  ['a', 0, 1, 24],
  ['ab', 0, 2, 9],
  ['abc', 0, 0, 7],
  ['AAPL', 0, 0, 2],
  ['BTC-USD', 0, 0, 16],
  ['21', 0, 0, 15],
  ['foobar', 0, 0, 16],
  ['a-little-bit-long-string', 0, 2, 12],
  ['a-little-bit-longer-string', 0, 2, 19],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', 0, 2, 2],
  ['Zürich', 0, 1, 8],
  ['日本', 0, 0, 2],
  [[0x80], 0, 2, 17],
  [[0xff, 0xfe, 0xfd], 0, 2, 17],
  [[0xde, 0xad, 0xbe, 0xef, 0x80, 0x90, 0xa0], 0, 0, 0],
];

export async function producers(t: Test, bench: Bench): Promise<void> {
  await t.test('records come back in the order in which they were sent', async (t) => {
    const topic = await bench.topic();
    const producer = await bench.producer(t);
    const first = await producer.send(numbered('a', 3).map((value) => record(topic, value)));
    t.strictSame(
      first,
      [0, 1, 2].map((offset) => ({ topic, partition: 0, offset })),
    );
    await producer.send(numbered('b', 1000).map((value) => record(topic, value)));
    t.strictSame(values(await bench.contents(topic)), [...numbered('a', 3), ...numbered('b', 1000)]);
  });

  await t.test('sending nothing answers nothing', async (t) => {
    t.strictSame(await (await bench.producer(t)).send([]), []);
  });

  await t.test('one call spans topics and partitions and answers in its own order', async (t) => {
    const [one, two] = [await bench.topic(2), await bench.topic()];
    const sent = await bench.send([
      record(one, 'a', { partition: 1 }),
      record(two, 'b'),
      record(one, 'c', { partition: 0 }),
      record(one, 'd', { partition: 1 }),
    ]);
    t.strictSame(sent, [
      { topic: one, partition: 1, offset: 0 },
      { topic: two, partition: 0, offset: 0 },
      { topic: one, partition: 0, offset: 0 },
      { topic: one, partition: 1, offset: 1 },
    ]);
  });

  await t.test('null, empty and present keys and values stay what they are', async (t) => {
    const topic = await bench.topic();
    await bench.send([
      record(topic, 'value', { key: 'key' }),
      record(topic, 'value', { key: null }),
      record(topic, null, { key: 'tombstone' }),
      record(topic, '', { key: '' }),
      record(topic, null),
    ]);
    t.strictSame(
      (await bench.contents(topic)).map((r) => [text(r.key), text(r.value)]),
      [
        ['key', 'value'],
        [null, 'value'],
        ['tombstone', null],
        ['', ''],
        [null, null],
      ],
    );
  });

  await t.test('bytes of every value survive', async (t) => {
    const topic = await bench.topic();
    const every = Uint8Array.from({ length: 256 }, (_, index) => index);
    await bench.send([record(topic, every, { key: every.toReversed() })]);
    const [read] = await bench.contents(topic);
    t.strictSame(Buffer.from(read!.value!), Buffer.from(every));
    t.strictSame(Buffer.from(read!.key!), Buffer.from(every.toReversed()));
  });

  await t.test('headers keep their order, repeats, nulls and empty values', async (t) => {
    const topic = await bench.topic();
    const headers: RawHeader[] = [
      { key: 'b', value: bytes('1') },
      { key: 'a', value: null },
      { key: 'b', value: bytes('2') },
      { key: '', value: bytes('no key') },
      { key: 'ä', value: bytes('') },
    ];
    await bench.send([record(topic, 'x', { headers }), record(topic, 'y')]);
    const [read, plain] = await bench.contents(topic);
    t.strictSame(
      read!.headers.map((header) => [header.key, text(header.value)]),
      [
        ['b', '1'],
        ['a', null],
        ['b', '2'],
        ['', 'no key'],
        ['ä', ''],
      ],
    );
    t.strictSame(plain!.headers, []);
  });

  await t.test('a given timestamp is kept, a missing one is now', async (t) => {
    const topic = await bench.topic(1, { 'retention.ms': '-1' });
    const before = Date.now();
    await bench.send([record(topic, 'old', { timestamp: 1_234_567_890_123 }), record(topic, 'new')]);
    const [old, fresh] = await bench.contents(topic);
    t.match(old, { timestamp: 1_234_567_890_123, timestampType: 'CreateTime' });
    t.equal(fresh?.timestampType, 'CreateTime');
    t.ok(fresh!.timestamp >= before && fresh!.timestamp <= Date.now());
  });

  await t.test('a topic may give its records the time of their arrival', async (t) => {
    const topic = await bench.topic(1, { 'message.timestamp.type': 'LogAppendTime' });
    const before = Date.now();
    await bench.send([record(topic, 'x', { timestamp: 1_234_567_890_123 })]);
    const [read] = await bench.contents(topic);
    t.equal(read?.timestampType, 'LogAppendTime');
    t.ok(read!.timestamp >= before - 1000, 'not what the producer said');
  });

  for (const [column, partitions] of [1, 3, 25].entries()) {
    await t.test(`keys land where Java would put them among ${partitions} partitions`, async (t) => {
      const topic = await bench.topic(partitions);
      const sent = await bench.send(
        PARTITIONS.map(([key]) =>
          record(topic, 'x', { partition: null, key: typeof key === 'string' ? key : Uint8Array.from(key) }),
        ),
      );
      t.strictSame(
        sent.map((at) => at.partition),
        PARTITIONS.map((row) => row[column + 1]),
      );
    });
  }

  await t.test('records without key or partition go somewhere, all of them', async (t) => {
    const topic = await bench.topic(3);
    await bench.send(numbered('v', 100).map((value) => record(topic, value, { partition: null })));
    t.strictSame(values(await bench.contents(topic)).sort(), numbered('v', 100).sort());
  });

  await t.test('calls that overlap keep their order', async (t) => {
    const topic = await bench.topic();
    const producer = await bench.producer(t);
    const sends = Array.from({ length: 200 }, (_, call) =>
      producer.send(numbered(`${call}.`, 5).map((value) => record(topic, value))),
    );
    const offsets = (await Promise.all(sends)).flat().map((at) => at.offset);
    t.strictSame(
      offsets,
      Array.from({ length: 1000 }, (_, index) => index),
    );
    const expected = Array.from({ length: 200 }, (_, call) => numbered(`${call}.`, 5)).flat();
    t.strictSame(values(await bench.contents(topic)), expected);
  });

  await t.test('producers at work at once lose and double nothing', async (t) => {
    const topic = await bench.topic();
    const [one, two] = [await bench.producer(t), await bench.producer(t)];
    await Promise.all(
      numbered('', 100).flatMap((n) => [one.send([record(topic, `one${n}`)]), two.send([record(topic, `two${n}`)])]),
    );
    const read = values(await bench.contents(topic));
    t.equal(read.length, 200);
    for (const name of ['one', 'two']) {
      t.strictSame(
        read.filter((value) => value?.startsWith(name)),
        numbered(name, 100),
      );
    }
  });

  await t.test('a missing topic is an error that names it, and is not created', async (t) => {
    const missing = bench.name('missing');
    const producer = await bench.producer(t, { deliveryTimeoutMs: 2000 });
    await t.rejects(producer.send([record(missing, 'x', { partition: null })]), {
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      message: new RegExp(missing),
    });
    t.notOk((await bench.broker.topics.list()).includes(missing));
  });

  await t.test('a missing partition is an error', async (t) => {
    const topic = await bench.topic(2);
    const producer = await bench.producer(t, { deliveryTimeoutMs: 2000 });
    await t.rejects(producer.send([record(topic, 'x', { partition: 2 })]), { code: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });

  await t.test('a record beyond max.message.bytes is refused', async (t) => {
    const topic = await bench.topic();
    const producer = await bench.producer(t);
    await t.rejects(producer.send([record(topic, new Uint8Array(2_000_000))]), RecordTooLargeError);
    t.strictSame(await bench.contents(topic), []);
  });

  await t.test('a value of 10 MB goes through', { skip: bench.options.largeValues === false }, async (t) => {
    const topic = await bench.topic(1, { 'max.message.bytes': '12000000' });
    const value = Buffer.alloc(10_000_000);
    for (let at = 0; at < value.length; at += 4) value.writeInt32LE(at, at);
    await bench.send([record(topic, 'before'), record(topic, value), record(topic, 'after')]);
    const [before, large, after] = await bench.take(bench.consumer(t, { topics: [topic] }), 3);
    t.equal(text(before!.value), 'before');
    t.ok(value.equals(large!.value!), 'the same bytes');
    t.equal(text(after!.value), 'after');
  });

  await t.test('a closed producer refuses to send', async (t) => {
    const topic = await bench.topic();
    const producer = await bench.producer(t);
    await producer.close();
    await t.rejects(producer.send([record(topic, 'x')]));
    await producer.close();
  });

  await t.test('close waits for what is under way', async (t) => {
    const topic = await bench.topic();
    const producer = await bench.producer(t);
    const sends = numbered('v', 50).map((value) => producer.send([record(topic, value)]));
    await producer.close();
    await Promise.all(sends);
    t.strictSame(values(await bench.contents(topic)), numbered('v', 50));
  });

  await t.test('a producer without transactional id has no transactions', async (t) => {
    await t.rejects((await bench.producer(t)).begin(), BrokerError);
  });
}
