/** What Kafka's transforms do not have: arrays in Flatten, a time zone in TimestampRouter. */
import { Schema } from '@tributary/api';
import { flattenValue, timestampRouter } from '@tributary/transforms';
import t from 'tap';
import { made, record } from './support/made.ts';

const order = Schema.struct({
  id: Schema.int64(),
  legs: Schema.array(Schema.struct({ price: Schema.float64(), at: Schema.timestamp({ optional: true }) })),
  tags: Schema.array(Schema.string(), { optional: true, default: ['x'] }),
});
const anOrder = {
  id: 1,
  legs: [
    { price: 1.5, at: new Date(5) },
    { price: 2, at: null },
  ],
  tags: ['a', 'b'],
};

t.test('Flatten leaves arrays alone, as Kafka does', (t) => {
  t.strictSame(made(flattenValue, {})(record(null, { a: { b: [1, { c: 2 }] } }))!.value, { 'a.b': [1, { c: 2 }] });
  t.end();
});

t.test('arrays=index makes fields of elements', (t) => {
  const flatten = made(flattenValue, { arrays: 'index', delimiter: '_' });
  t.strictSame(flatten(record(null, { a: { b: [1, { c: [2, 3] }] }, none: [] }))!.value, {
    a_b_0: 1,
    a_b_1_c_0: 2,
    a_b_1_c_1: 3,
  });
  t.throws(
    () => flatten(record(order, anOrder)),
    /'arrays=index' needs 'arrays\.max\.elements' for records with a schema/,
  );
  t.end();
});

t.test('with a schema, each array has as many fields as it may have elements', (t) => {
  const flatten = made(flattenValue, { arrays: 'index', 'arrays.max.elements': '2' });
  const { value, valueSchema } = flatten(record(order, anOrder))!;
  t.strictSame(value, {
    id: 1,
    'legs.0.price': 1.5,
    'legs.0.at': new Date(5),
    'legs.1.price': 2,
    'legs.1.at': null,
    'tags.0': 'a',
    'tags.1': 'b',
  });
  const field = (name: string) => valueSchema!.fields.find((each) => each.name === name)!.schema;
  t.equal(field('legs.1.price').optional, true, 'optional, since an array may be shorter');
  t.equal(field('tags.0').default, 'x');
  t.equal(
    flatten(record(order, { ...anOrder, legs: [], tags: null }))!.valueSchema,
    valueSchema,
    'the schema hangs on no record',
  );
  t.throws(
    () => flatten(record(order, { ...anOrder, tags: ['a', 'b', 'c'] })),
    /The array tags has 3 elements, more than 'arrays\.max\.elements' \(2\)/,
  );
  t.end();
});

t.test('arrays=json writes them as text', (t) => {
  const flatten = made(flattenValue, { arrays: 'json' });
  const { value, valueSchema } = flatten(record(order, anOrder))!;
  t.strictSame(value, { id: 1, legs: '[{"price":1.5,"at":5},{"price":2,"at":null}]', tags: '["a","b"]' });
  t.equal(valueSchema!.fields[2]!.schema.default, '["x"]');
  t.strictSame(flatten(record(null, { a: [2n ** 60n, Number.NaN, 'é"', new Uint8Array([1])] }))!.value, {
    a: '[1152921504606846976,"NaN","é\\"","AQ=="]',
  });
  t.end();
});

t.test('TimestampRouter writes the time of a zone', (t) => {
  const topicAt = (timestamp: number, timezone: string, format: string) =>
    made(timestampRouter, { 'timestamp.format': format, timezone, 'topic.format': '$' + '{timestamp}' })(
      record(null, 1, { timestamp }),
    )!.topic;
  const beforeSummer = Date.UTC(2024, 2, 31, 0, 59, 59);
  t.equal(topicAt(beforeSummer, 'Europe/Zurich', "yyyyMMdd'T'HHmmssXXX"), '20240331T015959+01:00');
  t.equal(topicAt(beforeSummer + 1000, 'Europe/Zurich', "yyyyMMdd'T'HHmmssXXX"), '20240331T030000+02:00');
  t.equal(topicAt(beforeSummer, 'America/New_York', 'yyyyMMdd HH Z z'), '20240330 20 -0400 EDT');
  t.equal(topicAt(0, '+05:30', 'HHmmX'), '0530+05');
  t.equal(topicAt(0, 'UTC', 'HHX'), '00Z');
  t.throws(
    () => topicAt(0, 'Mars/Olympus', 'HH'),
    /Invalid value Mars\/Olympus for configuration timezone: 'Mars\/Olympus' is no time zone/,
  );
  t.end();
});
