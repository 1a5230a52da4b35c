import { Schema } from '@tributary/api';
import { extractPathKey, extractPathValue } from '@tributary/transforms';
import t from 'tap';
import { made, record } from './support/made.ts';

const leg = Schema.struct({ price: Schema.float64(), note: Schema.string({ optional: true, default: 'none' }) });
const order = Schema.struct(
  {
    id: Schema.int64(),
    legs: Schema.array(leg),
    tags: Schema.map(Schema.string(), Schema.int32()),
    payload: Schema.string({ optional: true }),
  },
  { name: 'order' },
);
const anOrder = {
  id: 7,
  legs: [
    { price: 1.5, note: null },
    { price: 2.5, note: 'last' },
  ],
  tags: { 'odd name': 3 },
  payload: '{"a":[{"b":9007199254740993}]}',
};

t.test('a path leads through structs, arrays and maps, and the value brings its schema', (t) => {
  const at = (path: string) => {
    const { value, valueSchema } = made(extractPathValue, { path })(record(order, anOrder))!;
    return [value, valueSchema?.type, valueSchema?.optional];
  };
  t.strictSame(at('$.id'), [7, 'int64', false]);
  t.strictSame(at('$.legs[0].price'), [1.5, 'float64', true], 'optional, since there may be no such element');
  t.strictSame(at('$.legs[-1].note'), ['last', 'string', true]);
  t.strictSame(at('$["legs"][0].note'), ['none', 'string', true], 'a field takes its default');
  t.strictSame(at("$.tags['odd name']"), [3, 'int32', true]);
  t.end();
});

t.test('without a schema the same path leads through maps and arrays', (t) => {
  const get = made(extractPathKey, { path: '$.a[1]["b.c"]' });
  const key = { a: [0, new Map([['b.c', 'found']])] };
  t.equal(get(record(null, null, { key }))!.key, 'found');
  t.end();
});

t.test('where the path leads nowhere, the config says what happens', (t) => {
  const nowhere = [{ a: 1 }, { a: null }, { a: [] }, { a: 'text' }].map((value) => record(null, value));
  const props = { path: '$.a[0].b' };
  for (const each of nowhere) {
    t.equal(made(extractPathValue, props)(each)!.value, null);
    t.equal(made(extractPathValue, { ...props, 'on.missing': 'drop' })(each), null);
    t.throws(
      () => made(extractPathValue, { ...props, 'on.missing': 'fail' })(each),
      /The path \$\.a\[0\]\.b leads nowhere in the value of a record of topic 'quotes'/,
    );
  }
  const tombstone = record(null, null);
  t.equal(
    made(extractPathValue, { ...props, 'on.missing': 'fail' })(tombstone),
    tombstone,
    'a tombstone is left alone',
  );
  t.equal(made(extractPathValue, { path: '$.a', 'on.missing': 'fail' })(record(null, { a: null }))!.value, null);
  t.end();
});

t.test('what was found can become a field', (t) => {
  const first = made(extractPathValue, { path: '$.legs[0].price', 'target.field': 'first' });
  const { value, valueSchema } = first(record(order, anOrder))!;
  t.match(value, { ...anOrder, first: 1.5 });
  t.strictSame(valueSchema!.fields.map(({ name, schema }) => [name, schema.type]).at(-1), ['first', 'float64']);
  t.equal(valueSchema!.name, 'order');
  const over = made(extractPathValue, { path: '$.legs[0].price', 'target.field': 'id' })(record(order, anOrder))!;
  t.equal(over.valueSchema!.fields[0]!.schema.type, 'float64', 'in the place of the one of its name');
  t.strictSame(made(extractPathValue, { path: '$.a.b', 'target.field': 'b' })(record(null, { a: { b: 1 } }))!.value, {
    a: { b: 1 },
    b: 1,
  });
  t.end();
});

t.test('a path goes on into JSON inside of text', (t) => {
  const props = { path: '$.payload.a[0]', 'parse.json': 'true' };
  const replaced = made(extractPathValue, props)(record(order, anOrder))!;
  t.strictSame([replaced.value, replaced.valueSchema], [{ b: 9007199254740993n }, null]);
  const field = made(extractPathValue, { ...props, 'target.field': 'found' })(record(order, anOrder))!;
  t.equal((field.value as { found: string }).found, '{"b":9007199254740993}');
  t.equal(field.valueSchema!.fields.at(-1)!.schema.type, 'string');
  const whole = made(extractPathValue, { path: '$.x', 'parse.json': 'true' });
  t.equal(whole(record(Schema.string(), '{"x":1}'))!.value, 1, 'the value itself may be the text');
  t.equal(whole(record(Schema.string(), 'no JSON'))!.value, null);
  t.equal(made(extractPathValue, { path: '$.payload.a' })(record(order, anOrder))!.value, null, 'but only when asked');
  t.end();
});

t.test('a path that is none is refused', (t) => {
  for (const path of ['a.b', '$.', '$..a', '$[*]', '$.a[', "$['a]", '$ .a'])
    t.throws(() => made(extractPathValue, { path }), /the path .* (?:cannot be read|does not begin)/, path);
  t.throws(() => made(extractPathValue, { path: '$' }), /name a 'target.field'/);
  t.end();
});
