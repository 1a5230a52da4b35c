import { inspect } from 'node:util';
import { types } from 'cassandra-driver';
import t from 'tap';
import { Codecs } from '../../src/codec/codec.ts';
import { vint } from '../../src/codec/collections.ts';
import { timeuuidOf } from '../../src/codec/identifiers.ts';
import type { CqlType, NativeType } from '../../src/cql/types.ts';
import type { CodecSettings } from '../../src/settings/table-settings.ts';

const SETTINGS: CodecSettings = {
  timeZone: 'UTC',
  timestamp: 'CQL_TIMESTAMP',
  date: 'ISO_LOCAL_DATE',
  time: 'ISO_LOCAL_TIME',
  unit: 'MILLISECONDS',
};

const native = (name: NativeType): CqlType => ({ kind: 'native', name });

const hex = (type: CqlType | NativeType, value: unknown, settings: Partial<CodecSettings> = {}): string =>
  new Codecs({ ...SETTINGS, ...settings })
    .encoderOf(typeof type === 'string' ? native(type) : type)(value)
    .toString('hex');

/** Values that are the same in a column, whatever form they come in. */
const SAME: ReadonlyArray<readonly [NativeType, string, ...unknown[]]> = [
  ['tinyint', '80', -128, -128n, '-128', { unscaled: -1280n, scale: 1 }],
  ['smallint', '7fff', 32767, 32767n, '32767', '3.2767e4'],
  ['int', '80000000', -2147483648, -2147483648n, '-2147483648'],
  ['bigint', '7fffffffffffffff', 9223372036854775807n, '9223372036854775807'],
  ['bigint', 'ffffffffffffffff', -1, -1n, '-1'],
  ['bigint', '001fffffffffffff', 9007199254740991],
  ['varint', '0100000000000000000000', 2n ** 80n, 2 ** 80, '1208925819614629174706176'],
  ['varint', '80', -128, '-128'],
  ['decimal', '0000000204d2', { unscaled: 1234n, scale: 2 }, '12.34', 12.34],
  ['decimal', '0000000005', 5, 5n, '5'],
  ['float', '3dcccccd', 0.1, '0.1', Math.fround(0.1)],
  ['double', '3fb999999999999a', 0.1, '0.1', { unscaled: 1n, scale: 1 }],
  ['double', '7ff8000000000000', Number.NaN, 'NaN'],
  ['boolean', '01', true, 'true', 'YES', 1],
  ['boolean', '00', false, 'False', 'n', 0, '0'],
  ['text', 'c3a9', 'é'],
  ['text', '31', 1, 1n, '1'],
  ['ascii', '4142', 'AB'],
  ['blob', '00ff', new Uint8Array([0, 255]), '0x00FF', 'AP8='],
  ['blob', '', new Uint8Array(0), '', '0x'],
  [
    'uuid',
    '123e4567e89b42d3a456426614174000',
    '123e4567-e89b-42d3-a456-426614174000',
    '123E4567-E89B-42D3-A456-426614174000',
  ],
  ['timeuuid', '123e4567e89b12d3a456426614174000', '123e4567-e89b-12d3-a456-426614174000'],
  ['inet', '7f000001', '127.0.0.1', new Uint8Array([127, 0, 0, 1])],
  ['inet', '00000000000000000000000000000001', '::1'],
  ['inet', '01020304', '::ffff:1.2.3.4'],
  ['date', '80000001', '1970-01-02', new Date(86_400_000), 1],
  ['time', '0000000000000000', '00:00', new Date(0), 0],
  [
    'timestamp',
    '0000018bcfe5687b',
    new Date(1_700_000_000_123),
    1_700_000_000_123,
    1_700_000_000_123n,
    '1700000000123',
    '2023-11-14T22:13:20.123Z',
    '2023-11-14 22:13:20.123+0000',
    '2023-11-15T00:13:20.123+02:00',
  ],
];

for (const [type, expected, ...values] of SAME)
  t.test(`${type} ${expected}`, async (t) => {
    for (const value of values) t.equal(hex(type, value), expected);
  });

t.test('a struct or a list in a column of text is JSON', async (t) => {
  const text = (value: unknown): string => Buffer.from(hex('text', value), 'hex').toString();
  t.equal(
    text({ a: [1, 90071992547409930001n, null], b: { unscaled: 150n, scale: 2 } }),
    '{"a":[1,90071992547409930001,null],"b":1.50}',
  );
  t.equal(text(new Map([[1, new Uint8Array([255])]])), '{"1":"/w=="}');
  t.equal(text([new Date(0), 'x"']), '["1970-01-01T00:00:00.000Z","x\\""]');
});

t.test('a time of day, to the nanosecond', async (t) => {
  const nanos = ((12n * 60n + 34n) * 60n + 56n) * 1_000_000_000n + 789_012_345n;
  t.equal(BigInt(`0x${hex('time', '12:34:56.789012345')}`), nanos);
  t.equal(BigInt(`0x${hex('time', new Date(45_296_789))}`), nanos - 12_345n);
  t.equal(BigInt(`0x${hex('time', 45_296_789)}`), nanos - 12_345n);
  t.equal(BigInt(`0x${hex('time', 45_296, { unit: 'SECONDS' })}`), nanos - 789_012_345n);
});

t.test('texts of times are read as the codec settings say', async (t) => {
  const at = (text: string, settings: Partial<CodecSettings>): string =>
    new Date(Number(BigInt(`0x${hex('timestamp', text, settings)}`))).toISOString();
  t.equal(at('2024-07-01 12:00:00', { timeZone: 'Europe/Zurich' }), '2024-07-01T10:00:00.000Z');
  t.equal(at('2024-07-01', {}), '2024-07-01T00:00:00.000Z');
  t.equal(at('01.07.2024 12:00', { timestamp: 'dd.MM.yyyy HH:mm' }), '2024-07-01T12:00:00.000Z');
  t.equal(
    at('01.07.2024 12:00', { timestamp: 'dd.MM.uuuu HH:mm', timeZone: 'America/New_York' }),
    '2024-07-01T16:00:00.000Z',
  );
  t.equal(at('1719835200', { unit: 'SECONDS' }), '2024-07-01T12:00:00.000Z');
  t.throws(() => hex('timestamp', 'x', { timeZone: 'Mars/Olympus' }), { name: 'ConfigError', message: /Mars/ });
});

/** What does not fit, with what the message says. */
const MISFITS: ReadonlyArray<readonly [NativeType, unknown, RegExp]> = [
  ['tinyint', 300, /tinyint cannot hold the number 300: its range is -128 to 127/],
  ['smallint', '32768', /smallint cannot hold text of 5 characters: its range/],
  ['int', 1.5, /int cannot hold the number 1.5: it is no whole number/],
  ['int', true, /int cannot hold true: it is no whole number/],
  ['int', '', /no whole number/],
  ['int', Number.NaN, /no whole number/],
  ['bigint', 2n ** 63n, /its range is/],
  ['bigint', 1e300, /its range is/],
  ['bigint', { unscaled: 15n, scale: 1 }, /no whole number/],
  ['varint', 0.5, /no whole number/],
  ['varint', '1e20000', /no whole number/],
  ['decimal', Number.POSITIVE_INFINITY, /no number with a decimal notation/],
  ['decimal', 'abc', /no number/],
  ['float', 1.23456789012, /more digits than a float keeps/],
  ['float', 16_777_217, /more digits than a float keeps/],
  ['double', 2n ** 63n - 1n, /more digits than a double keeps/],
  ['double', '0.12345678901234567890', /more digits than a double keeps/],
  ['double', '1e400', /more digits|no number/],
  ['boolean', 'maybe', /it takes true or false/],
  ['boolean', 2, /it takes true or false/],
  ['text', '\ud800', /half of a surrogate pair/],
  ['text', new Uint8Array(2), /make the column a blob/],
  ['ascii', 'é', /beyond ASCII/],
  ['blob', '0x0g-', /neither base64 nor/],
  ['blob', '!!!!', /neither base64 nor/],
  ['blob', 5, /it takes bytes/],
  ['uuid', 'x', /it takes text such as/],
  ['timeuuid', '123e4567-e89b-42d3-a456-426614174000', /no UUID of version 1/],
  ['inet', 'localhost', /no name of a host/],
  ['inet', '256.0.0.1', /no name of a host/],
  ['date', '2024-02-30', /it takes a date/],
  ['date', new Date(1), /it has a time of day/],
  ['time', '25:00', /it takes a time of day/],
  ['time', new Date(86_400_000), /it takes a time of day/],
  ['timestamp', 'yesterday', /it takes a time such as/],
  ['timestamp', '2024-01-01T00:00:00.123456Z', /keeps milliseconds/],
  ['timestamp', new Date(Number.NaN), /it is no time/],
  ['timestamp', 1.5, /it takes a time such as/],
  ['duration', 'long', /it takes text such as 1mo2d3h/],
  ['duration', 5, /it takes text such as/],
];

for (const [type, value, message] of MISFITS)
  t.test(`${type} refuses ${inspect(value)}`, async (t) => {
    t.throws(() => hex(type, value), { name: 'DataError', message });
  });

t.test('collections, tuples, types of the user and vectors', async (t) => {
  const ints: CqlType = { kind: 'list', item: native('int') };
  t.equal(hex(ints, [1, 2]), '00000002' + '0000000400000001' + '0000000400000002');
  t.equal(hex(ints, '[1,2]'), hex(ints, [1, 2]), 'as JSON in text');
  t.equal(hex({ kind: 'set', item: native('text') }, new Set(['a'])), '00000001' + '0000000161');
  const map: CqlType = { kind: 'map', key: native('int'), value: native('text') };
  t.equal(hex(map, { 7: 'x' }), '00000001' + '0000000400000007' + '0000000178');
  t.equal(hex(map, new Map([[7, 'x']])), hex(map, { 7: 'x' }));
  const tuple: CqlType = { kind: 'tuple', items: [native('int'), native('text')] };
  t.equal(hex(tuple, [1]), '0000000400000001' + 'ffffffff');
  const udt: CqlType = {
    kind: 'udt',
    name: 'address',
    fields: [
      { name: 'city', type: native('text') },
      { name: 'zip', type: native('int') },
    ],
  };
  t.equal(hex(udt, { zip: 1 }), 'ffffffff' + '0000000400000001');
  t.equal(hex({ kind: 'vector', item: native('float'), size: 2 }, [1, 0.5]), '3f8000003f000000');
  t.equal(hex({ kind: 'vector', item: native('text'), size: 2 }, ['a', 'bc']), '0161' + '026263');
});

t.test('what does not fit in a collection is said with its place', async (t) => {
  const ints: CqlType = { kind: 'list', item: native('int') };
  t.throws(() => hex(ints, [1, null]), { message: '[1] is null, which a list cannot hold' });
  t.throws(() => hex({ kind: 'map', key: native('text'), value: ints }, { a: [1, 'x'] }), {
    message: '.a: [1]: int cannot hold text of 1 characters: it is no whole number',
  });
  const udt: CqlType = { kind: 'udt', name: 'address', fields: [{ name: 'zip', type: native('int') }] };
  t.throws(() => hex(udt, { zip: 1, street: 'x' }), { message: /type address has no field street/ });
  t.throws(() => hex({ kind: 'tuple', items: [] }, [1]), { message: /it has 0 items, and this 1/ });
  t.throws(() => hex({ kind: 'vector', item: native('float'), size: 3 }, [1]), {
    message: /a vector of 3 cannot hold an array of 1/,
  });
});

t.test('lengths in vectors are written as Cassandra does', async (t) => {
  for (const [value, expected] of [
    [0, '00'],
    [127, '7f'],
    [128, '8080'],
    [16_383, 'bfff'],
    [16_384, 'c04000'],
    [2 ** 31, 'f080000000'],
  ] as const)
    t.equal(vint(value).toString('hex'), expected);
});

t.test('durations read back as they were written', async (t) => {
  for (const text of ['1mo2d3h', '-5m', '1y2mo', '89h9m10s'])
    t.equal(types.Duration.fromBuffer(Buffer.from(hex('duration', text), 'hex')).toString(), text);
  t.equal(types.Duration.fromBuffer(Buffer.from(hex('duration', 'P1M2DT3H'), 'hex')).toString(), '1mo2d3h');
});

t.test('now() is a timeuuid of the write time and the place of the record', async (t) => {
  const micros = 1_700_000_000_123_456;
  const id = new types.TimeUuid(timeuuidOf(micros, 'ticks', 3, 77));
  t.equal(id.getDate().getTime(), 1_700_000_000_123);
  t.equal(id.toString()[14], '1');
  t.match(id.toString()[19], /[89ab]/);
  t.same(timeuuidOf(micros, 'ticks', 3, 77), timeuuidOf(micros, 'ticks', 3, 77));
  const others = new Set(
    Array.from({ length: 10_000 }, (_none, i) => timeuuidOf(micros, 'ticks', i % 4, i >> 2).toString('hex')),
  );
  t.equal(others.size, 10_000);
});
