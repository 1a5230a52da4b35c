/** What the comparison with Java does not show: identity of schemas, names that JavaScript treats specially, errors at the start. */
import { type ConnectRecord, type Definition, Schema } from '@tributary/api';
import {
  castValue,
  extractFieldValue,
  extractPathValue,
  flattenValue,
  hoistFieldValue,
  insertFieldValue,
  regexRouter,
  replaceFieldValue,
  timestampConverterValue,
  valueToKey,
} from '@tributary/transforms';
import t from 'tap';
import { made as create, record } from './support/made.ts';

const quote = Schema.struct({ symbol: Schema.string(), at: Schema.int64({ optional: true }) });

t.test('records of one schema object come out with one schema object', (t) => {
  const other = Schema.struct({ x: Schema.int8() });
  const chains: [Definition, Record<string, string>, 'valueSchema' | 'keySchema'][] = [
    [insertFieldValue, { 'topic.field': 'topic' }, 'valueSchema'],
    [replaceFieldValue, { exclude: 'at' }, 'valueSchema'],
    [hoistFieldValue, { field: 'f' }, 'valueSchema'],
    [extractFieldValue, { field: 'symbol' }, 'valueSchema'],
    [castValue, { spec: 'at:string' }, 'valueSchema'],
    [flattenValue, {}, 'valueSchema'],
    [extractPathValue, { path: '$.symbol', 'target.field': 'copy' }, 'valueSchema'],
    [valueToKey, { fields: 'symbol' }, 'keySchema'],
    [timestampConverterValue, { field: 'at', 'target.type': 'Timestamp' }, 'valueSchema'],
  ];
  for (const [definition, props, side] of chains) {
    const transform = create(definition, props);
    const first = transform(record(quote, { symbol: 'A', at: 1 }))!;
    try {
      transform(record(other, { x: 1 }));
    } catch {
      // Not every transform finds its field in the other schema.
    }
    t.equal(transform(record(quote, { symbol: 'B', at: 2 }))![side], first[side], definition.class);
    t.ok(first[side]);
  }
  t.end();
});

t.test('neither the record nor its value is changed, and what a sink record has beside is kept', (t) => {
  const value = Object.freeze({ symbol: 'A', at: 1 });
  const before = Object.freeze(record(quote, value, { offset: 7 } as Partial<ConnectRecord>));
  const after = create(insertFieldValue, { 'offset.field': 'offset', 'partition.field': 'partition!' })(before)!;
  t.strictSame(after.value, { symbol: 'A', at: 1, offset: 7, partition: 1 });
  t.match(after, { offset: 7, timestamp: 1_700_000_000_000 });
  t.end();
});

t.test('field names that JavaScript treats specially are plain names', (t) => {
  const insert = create(insertFieldValue, { 'topic.field': '__proto__' });
  const map = insert(record(null, { a: 1 }))!.value as Map<string, unknown>;
  t.strictSame(
    [...map],
    [
      ['a', 1],
      ['__proto__', 'quotes'],
    ],
  );
  const struct = insert(record(quote, { symbol: 'A', at: 1 }))!.value as object;
  t.strictSame(Object.keys(struct), ['symbol', 'at', '__proto__']);
  t.equal(Object.getPrototypeOf(struct), Object.prototype);
  t.equal(create(extractFieldValue, { field: 'constructor' })(record(null, {}))!.value, null);
  const renamed = create(replaceFieldValue, { renames: 'a:1' })(record(null, { b: 1, a: 2 }))!.value as Map<
    string,
    unknown
  >;
  t.strictSame(
    [...renamed],
    [
      ['b', 1],
      ['1', 2],
    ],
    'order survives a name that looks like a number',
  );
  t.end();
});

t.test('integers keep every digit of microseconds and nanoseconds', (t) => {
  const toNanos = create(timestampConverterValue, { 'target.type': 'unix', 'unix.precision': 'nanoseconds' });
  t.equal(toNanos(record(Schema.timestamp(), new Date(1_700_000_000_123)))!.value, 1_700_000_000_123_000_000n);
  const fromMicros = create(timestampConverterValue, { 'target.type': 'Timestamp', 'unix.precision': 'microseconds' });
  t.strictSame(fromMicros(record(Schema.int64(), 9_007_199_254_740_991))!.value, new Date(9_007_199_254_740));
  t.strictSame(fromMicros(record(Schema.int64(), -1n))!.value, new Date(0), 'cut off, not rounded down');
  t.end();
});

t.test('what cannot work is refused when the task starts, naming the key', (t) => {
  t.throws(
    () => create(regexRouter, { regex: 'a+*', replacement: '' }),
    /Invalid value a\+\* for configuration regex: Invalid regex: Dangling meta character '\*'/,
  );
  t.throws(
    () => create(regexRouter, { regex: 'a', replacement: '$1' }),
    /Invalid value \$1 for configuration replacement: No group 1/,
  );
  t.throws(() => create(insertFieldValue, {}), { name: 'ConfigError', message: 'No field insertion configured' });
  t.throws(
    () => create(timestampConverterValue, { 'target.type': 'string' }),
    /requires format option to be specified when using string timestamps/,
  );
  t.throws(
    () => create(extractFieldValue, { field: '`a', 'field.syntax.version': 'V2' }),
    /Incomplete backtick pair in path: \[`a\]/,
  );
  t.end();
});

t.test("errors of a record are DataErrors in Java's words", (t) => {
  t.throws(() => create(extractFieldValue, { field: 'x' })(record(quote, {})), {
    name: 'DataError',
    message: 'Unknown field: x',
  });
  t.throws(() => create(valueToKey, { fields: 'x' })(record(quote, {})), {
    name: 'DataError',
    message: 'Field does not exist: x',
  });
  t.throws(() => create(valueToKey, { fields: 'x' })(record(null, null)), {
    name: 'DataError',
    message: 'Only Map objects supported in absence of schema for [copying fields from value to key], found: null',
  });
  t.throws(
    () => create(timestampConverterValue, { 'target.type': 'unix', format: 'yyyy' })(record(Schema.string(), 'x')),
    {
      name: 'DataError',
      message: 'Could not parse timestamp: value (x) does not match pattern (yyyy)',
    },
  );
  t.end();
});
