import { type ConnectRecord, DataError, Schema } from '@tributary/api';
import { script } from '@tributary/transforms';
import t from 'tap';
import { madeBatch, record } from './support/made.ts';

const { signal } = new AbortController();

async function run(props: Record<string, string>, ...records: ConnectRecord[]) {
  return (await madeBatch(script, props))(records, signal);
}
const map = (expression: string, ...records: ConnectRecord[]) => run({ mode: 'map', expression }, ...records);
async function mapOne(expression: string, one: ConnectRecord, props: Record<string, string> = {}) {
  const [result] = await run({ mode: 'map', expression, ...props }, one);
  return result as ConnectRecord;
}

const quote = Schema.struct({ symbol: Schema.string(), price: Schema.float64() }, { name: 'quote' });

t.test('a filter keeps the records for which the expression is true, the same objects', async (t) => {
  const records = [1, 6, 9].map((price) => record(quote, { symbol: 'A', price }));
  const kept = await run({ mode: 'filter', expression: 'value.price > 5 && topic === "quotes"' }, ...records);
  t.strictSame(kept, [null, records[1], records[2]]);
  t.equal(kept[1], records[1]);
});

t.test('an expression sees every part of the record', async (t) => {
  const sink = {
    ...record(
      null,
      { v: 1 },
      {
        key: 'k',
        headers: [
          { key: 'h', schema: null, value: 1 },
          { key: 'h', schema: null, value: 2 },
        ],
      },
    ),
    offset: 42,
  };
  const { value } = await mapOne('[key, value.v, headers.h, topic, partition, timestamp, offset]', sink);
  t.strictSame(value, ['k', 1, 2, 'quotes', 1, 1_700_000_000_000, 42]);
  t.strictSame((await mapOne('offset', record(null, 1))).value, null);
});

t.test('a map gives the new value, which keeps its schema as long as it fits', async (t) => {
  const one = record(quote, { symbol: 'A', price: 2 });
  const fits = await mapOne('({ ...value, price: value.price * 2 })', one);
  t.strictSame(fits.value, { symbol: 'A', price: 4 });
  t.equal(fits.valueSchema, quote);
  for (const other of ['({ ...value, extra: 1 })', '({ symbol: 1, price: 2 })', 'value.symbol', '({ price: 1 })'])
    t.equal((await mapOne(other, one)).valueSchema, null, other);
  const tombstone = await mapOne('null', one);
  t.strictSame([tombstone.value, tombstone.valueSchema], [null, null]);
});

t.test('with schema=infer what does not fit gets a schema of its own, one for all of its shape', async (t) => {
  const expression = '({ a: value, at: new Date(0), big: 2n ** 60n, tags: ["x", null], none: null })';
  const [first, second] = (await run(
    { mode: 'map', schema: 'infer', expression },
    record(null, 1),
    record(null, 1.5),
  )) as ConnectRecord[];
  t.strictSame(
    first!.valueSchema!.fields.map(({ name, schema }) => [name, schema.name ?? schema.type]),
    [
      ['a', 'float64'],
      ['at', 'org.apache.kafka.connect.data.Timestamp'],
      ['big', 'int64'],
      ['tags', 'array'],
      ['none', 'string'],
    ],
  );
  t.equal(second!.valueSchema, first!.valueSchema);
  const mixed = await mapOne('[1, "a"]', record(null, 1), { schema: 'infer' });
  t.match(mixed, DataError);
});

t.test('record() changes other parts, and drop drops', async (t) => {
  const one = record(
    quote,
    { symbol: 'A', price: 2 },
    { headers: [{ key: 'h', schema: Schema.string(), value: 'x' }] },
  );
  const moved = await mapOne(
    'record({ topic: topic + "-" + value.symbol, key: value.symbol, headers: { ...headers, n: 1 } })',
    one,
  );
  t.match(moved, { topic: 'quotes-A', key: 'A', value: one.value, valueSchema: quote, partition: 1 });
  t.strictSame(moved.headers, [one.headers[0], { key: 'n', schema: null, value: 1 }]);
  t.strictSame(await map('value.price > 1 ? drop : value', one), [null]);
  t.match(await map('record({ tpoic: "x" })', one), [/record\(\) knows no tpoic/]);
  t.match(await map('record({ topic: 5 })', one), [/topic must not be 5/]);
});

t.test('what an expression changes in place is not changed in the record', async (t) => {
  const one = record(quote, { symbol: 'A', price: 2 });
  const changed = await mapOne('(value.price = 9, value)', one);
  t.strictSame(
    [changed.value, one.value],
    [
      { symbol: 'A', price: 9 },
      { symbol: 'A', price: 2 },
    ],
  );
});

t.test('an error fails its record alone, and names expression and record', async (t) => {
  const bad = { ...record(null, null), offset: 7 };
  const [good, failed] = await map('value.price', record(null, { price: 1 }), bad);
  t.equal((good as ConnectRecord).value, 1);
  t.match(failed, DataError);
  t.match(
    failed,
    /TypeError: Cannot read properties of null.*topic 'quotes', partition 1, offset 7.*in the expression: value\.price/,
  );
  t.match(await map('undefined', bad), [/the expression gave undefined; a tombstone is null/]);
  t.match(await map('Promise.resolve(1)', bad), [/gave a promise/]);
});

t.test('an expression that does not end fails its records and not the worker', async (t) => {
  const records = [0, 1, 2, 3].map((n) => record(null, n));
  const props = { mode: 'map', 'timeout.ms': '30', expression: 'value === 1 ? (() => { while (true) {} })() : value' };
  const [a, b, c, d] = await run(props, ...records);
  t.strictSame(
    [a, c, d].map((each) => (each as ConnectRecord).value),
    [0, 2, 3],
    'those around it go on',
  );
  t.match(
    b,
    /It took longer than 'timeout\.ms' \(30\), for the record at topic 'quotes', partition 1, in the expression: value === 1/,
  );
  const all = await run(
    { ...props, expression: '(() => { while (true) {} })()' },
    ...Array.from({ length: 200 }, () => records[0]!),
  );
  t.ok(
    all.every((each) => each instanceof DataError),
    'the rest of a batch is given up after three',
  );
});

t.test('what is no expression is refused when the task starts', async (t) => {
  for (const expression of ['1 +', 'return 1', '1); (2', 'let a = 1', '']) {
    await t.rejects(map(expression, record(null, 1)), /expression/, expression);
  }
  t.equal((await mapOne('1 // a comment', record(null, 1))).value, 1);
  t.strictSame((await mapOne('[typeof process, typeof require, typeof globalThis]', record(null, 1))).value, [
    'undefined',
    'undefined',
    'undefined',
  ]);
});
