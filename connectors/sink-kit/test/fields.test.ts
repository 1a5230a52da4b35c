import { Schema } from '@tributary/api';
import { sinkRecords } from '@tributary/api/testing';
import { fieldReader, fieldsOf, parseFieldPath } from '@tributary/sink-kit';
import t from 'tap';

const inner = Schema.struct({ 'a.b': Schema.int32() });
const schema = Schema.struct({
  price: Schema.float64(),
  venue: Schema.string({ optional: true, default: 'XNAS' }),
  inner,
});
const value = { price: 1.5, venue: null, inner: { 'a.b': 7 } };
const [record] = sinkRecords([
  {
    topic: 'ticks',
    partition: 2,
    offset: 40,
    timestamp: 1000,
    key: { symbol: 'A' },
    value,
    valueSchema: schema,
    headers: [
      { key: 'x', value: 1, schema: Schema.int32() },
      { key: 'x', value: 2, schema: Schema.int32() },
    ],
  },
]);
const read = (path: string): unknown => fieldReader(path).read(record!);

t.test('every part of a record can be read', async (t) => {
  t.equal(read('value.price'), 1.5);
  t.equal(read('price'), 1.5, 'a path without a root is a field of the value');
  t.equal(read('key.symbol'), 'A');
  t.same(read('key'), { symbol: 'A' });
  t.equal(read('header.x'), 2, 'the last header of the name counts');
  t.equal(read('__topic'), 'ticks');
  t.equal(read('__partition'), 2);
  t.equal(read('__offset'), 40);
  t.same(read('__timestamp'), new Date(1000));
  t.equal(read('value.inner."a.b"'), 7, 'names with dots stand in quotes');
});

t.test('what is missing is undefined, what is null and has a default reads as that', async (t) => {
  t.equal(read('value.nothing'), undefined);
  t.equal(read('value.price.deeper'), undefined);
  t.equal(read('value.constructor'), undefined, 'no name of every object');
  t.equal(read('header.y'), undefined);
  t.equal(read('value.venue'), 'XNAS');
});

t.test('schemas are those of the fields', async (t) => {
  t.equal(fieldReader('value.inner."a.b"').schemaOf(record!)?.type, 'int32');
  t.equal(fieldReader('__offset').schemaOf(record!)?.type, 'int64');
  t.equal(fieldReader('key.symbol').schemaOf(record!), null);
});

t.test('the last name is what a column is called', async (t) => {
  t.same(
    ['value.a."b.c"', 'key', 'header.x', '__offset', 'price'].map((path) => fieldReader(path).name),
    ['b.c', 'key', 'x', '__offset', 'price'],
  );
});

t.test('paths that cannot be read are refused with what could be', async (t) => {
  for (const path of ['', 'value.', '.a', 'value..a', '"a', 'a"b"', 'header', '__offset.x'])
    t.throws(() => parseFieldPath(path), { name: 'ConfigError' }, `'${path}'`);
});

t.test('all fields of a struct, a plain object and a map', async (t) => {
  t.same(
    fieldsOf(value, schema)?.map(({ name, value }) => [name, value]),
    [
      ['price', 1.5],
      ['venue', 'XNAS'],
      ['inner', { 'a.b': 7 }],
    ],
  );
  t.same(fieldsOf({ a: 1, b: null }, null), [
    { name: 'a', value: 1, schema: null },
    { name: 'b', value: null, schema: null },
  ]);
  t.same(fieldsOf(new Map([['a', 1]]), null), [{ name: 'a', value: 1, schema: null }]);
  t.equal(fieldsOf('text', null), null);
  t.equal(fieldsOf(null, null), null);
  t.equal(fieldsOf([1], null), null);
});
