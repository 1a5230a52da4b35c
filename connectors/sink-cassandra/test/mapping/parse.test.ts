import t from 'tap';
import { parseMapping } from '../../src/mapping/parse.ts';

const field = (path: string) => ({ kind: 'field', path });

t.test('a mapping in the words of the DataStax sink', async (t) => {
  const mapping = parseMapping(
    'col1=key.f1, Col2=value.f2,\n col3 = header.x, id=now(), raw=value, k=key, __ttl=value.ttl, __timestamp=value.ts',
  );
  t.same(mapping, {
    columns: [
      { column: 'col1', source: field('key.f1') },
      { column: 'Col2', source: field('value.f2') },
      { column: 'col3', source: field('header.x') },
      { column: 'id', source: { kind: 'now' } },
      { column: 'raw', source: field('value') },
      { column: 'k', source: field('key') },
    ],
    ttl: 'value.ttl',
    timestamp: 'value.ts',
  });
});

t.test('names in quotes, with anything in them', async (t) => {
  const { columns } = parseMapping('"a ""b"", c=d"=value."x.y z", "e"="value.my, field"');
  t.same(columns, [
    { column: 'a "b", c=d', source: field('value."x.y z"') },
    { column: 'e', source: field('value."my, field"') },
  ]);
});

t.test('the place of the record, and the slice of time that it lies in', async (t) => {
  const { columns } = parseMapping('t=__topic, o=__offset, d=day(value.ts), h = hour( key.at ), m=month(__timestamp)');
  t.same(
    columns.map(({ source }) => source),
    [
      field('__topic'),
      field('__offset'),
      { kind: 'bucket', unit: 'day', path: 'value.ts' },
      { kind: 'bucket', unit: 'hour', path: 'key.at' },
      { kind: 'bucket', unit: 'month', path: '__timestamp' },
    ],
  );
});

for (const [text, message] of [
  ['', /A column and = is expected at the end/],
  ['a', /A column and = is expected before 'a'/],
  ['a=', /A field is expected at the end/],
  ['a=value.b c=value.d', /A comma is expected before 'c=value.d'/],
  ['a=value.b,', /A column and = is expected at the end/],
  ['a=price', /'price' is no field of a record: it must be key, value, or begin with/],
  ['a=value.b, a=value.c', /Column 'a' is mapped more than once/],
  ['a=uuid()', /There is no function uuid\(\)/],
  ['a=day()', /There is no function day\(\)/],
  ['a=value.b); DROP TABLE x', /A comma is expected before '\); DROP/],
  ['__ttl=now()', /__ttl takes a field with a number/],
] as const)
  t.test(`'${text}' is no mapping`, async (t) => {
    t.throws(() => parseMapping(text), { name: 'ConfigError', message });
  });
