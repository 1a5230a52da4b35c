/** Compares the converters with Kafka Connect's own: the bytes they write and what they read from bytes. */
import { isDeepStrictEqual } from 'node:util';
import { type Converter, type ConverterDefinition, parseConfig, Schema, type SchemaAndValue } from '@tributary/api';
import t from 'tap';
import { TYPED } from '../../../transforms/test/oracle/cases.ts';
import {
  type Answer,
  askJava,
  comparable,
  comparableSchema,
  encodeSchema,
  encodeValue,
} from '../../../transforms/test/oracle/oracle.ts';
import { builtInConverters } from '../../src/convert/index.ts';

type Props = Readonly<Record<string, string>>;
type Typed = readonly [schema: Schema | null, value: unknown];

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter';
const STRING_CONVERTER = 'org.apache.kafka.connect.storage.StringConverter';
const BYTES_CONVERTER = 'org.apache.kafka.connect.converters.ByteArrayConverter';
const PLAIN: Props = { 'schemas.enable': 'false' };
const CONVERTERS: readonly (readonly [className: string, props: Props])[] = [
  [JSON_CONVERTER, {}],
  [JSON_CONVERTER, PLAIN],
  [JSON_CONVERTER, { ...PLAIN, 'decimal.format': 'numeric', 'replace.null.with.default': 'false' }],
  [JSON_CONVERTER, { 'replace.null.with.default': 'false' }],
  [STRING_CONVERTER, {}],
  [STRING_CONVERTER, { 'converter.encoding': 'ISO-8859-1' }],
  [STRING_CONVERTER, { 'converter.encoding': 'UTF-16' }],
  [BYTES_CONVERTER, {}],
];

function create(className: string, props: Props): Converter {
  const definition = builtInConverters.find(
    ({ kind, class: name }) => kind === 'converter' && name === className,
  ) as ConverterDefinition;
  const { config, errors } = parseConfig(definition.config, { 'converter.type': 'value', ...props });
  if (errors.size > 0) throw new Error([...errors.values()].join());
  return definition.create(config, { isKey: false });
}

const decimal = (text: string, scale: number): Typed => [Schema.decimal(scale), { unscaled: BigInt(text), scale }];
const strings = [
  '',
  'plain',
  'é€😀 ',
  '"\\/\b\f\n\r\t',
  '\u0000\u000b\u001f\u007f\u0080\u2028',
  '<a href="x">&</a>',
  '{"a":1}',
  '007',
];
const doubles = [
  0,
  -0,
  1,
  0.1,
  1e7,
  12345678.9,
  1e-3,
  9.5e-4,
  1e21,
  5e-324,
  1.7976931348623157e308,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
];

const VALUES: readonly Typed[] = [
  ...TYPED,
  ...strings.map((text): Typed => [Schema.string(), text]),
  ...strings.map((text): Typed => [null, { [`k${text}`]: text }]),
  ...doubles.map((value): Typed => [Schema.float64(), value]),
  ...doubles
    .filter((value) => !Number.isInteger(value) || Object.is(value, -0) || value > 1e16)
    .map((value): Typed => [null, [value]]),
  ...[0.1, 1, 16777216, 3.4028234663852886e38, 1e-45].map((value): Typed => [Schema.float32(), value]),
  ...[2n ** 63n - 1n, -(2n ** 63n), 0, -1, 2 ** 53 - 1].map((value): Typed => [Schema.int64(), value]),
  ...[2n ** 63n - 1n, -(2n ** 60n), 5].map((value): Typed => [null, { value }]),
  decimal('0', 0),
  decimal('-1', 2),
  decimal('123456789012345678901234567890', 10),
  decimal('1', 9),
  decimal('5', -3),
  decimal('128', 0),
  decimal('-32768', 1),
  [Schema.decimal(2), { unscaled: 1n, scale: 3 }],
  [Schema.time(), new Date(86_400_001)],
  [Schema.date(), new Date(1)],
  [Schema.date(), new Date(-86_400_000)],
  [Schema.timestamp(), new Date(-1)],
  [Schema.boolean(), false],
  [Schema.int8(), -128],
  [Schema.bytes(), new Uint8Array(0)],
  [Schema.bytes(), Uint8Array.from({ length: 100 }, (_, i) => i * 7)],
  [Schema.map(Schema.string(), Schema.float64()), { b: 1, a: 2 }],
  [
    Schema.map(Schema.int32(), Schema.string({ optional: true })),
    new Map<unknown, unknown>([
      [2, 'b'],
      [1, null],
    ]),
  ],
  [
    Schema.map(Schema.string(), Schema.int8(), {
      optional: true,
      name: 'm',
      version: 7,
      doc: 'd"',
      parameters: { p: 'q' },
    }),
    null,
  ],
  [Schema.array(Schema.array(Schema.int16(), { optional: true })), [[1, 2], null, []]],
  [Schema.string({ optional: true, default: 'd' }), null],
  [Schema.string({ default: 'd' }), null],
  [Schema.float64({ optional: true, default: 1 }), null],
  [Schema.bytes({ default: new Uint8Array([1]) }), null],
  [Schema.decimal(1, { default: { unscaled: 15n, scale: 1 } }), null],
  [Schema.timestamp({ default: new Date(5) }), null],
  [Schema.map(Schema.string(), Schema.int64(), { default: { a: 2n ** 60n } }), null],
  [Schema.string(), null],
  [
    null,
    new Map<unknown, unknown>([
      [1, 'a'],
      ['b', true],
    ]),
  ],
  [null, new Uint8Array([1, 2, 3])],
  [null, { a: [], b: {}, c: null, d: [null, { e: false }] }],
];

/** Where the bytes differ on purpose, or where Java's hang on the moment. */
const WRITTEN_ON_PURPOSE: readonly {
  readonly reason: string;
  matches(className: string, typed: Typed, java: Answer): boolean;
}[] = [
  {
    reason: 'Java writes bytes as text by their address in memory ([B@1b2c3d); we refuse them',
    matches: (className, [, value]) =>
      className === STRING_CONVERTER &&
      typeof value === 'object' &&
      value !== null &&
      (value instanceof Uint8Array || Object.values(value).some((item) => item instanceof Uint8Array)),
  },
  {
    reason: 'Java does not recognise the schema of a struct that has a struct as default, and fails; we write it',
    matches: (_className, _typed, java) => java.message === 'Mismatching schema.',
  },
];

t.test('what is written is the same, byte for byte', async (t) => {
  const cases = CONVERTERS.flatMap(([className, props]) => VALUES.map((typed) => ({ className, props, typed })));
  const answers = await askJava(
    cases.map(({ className, props, typed: [schema, value] }) => ({
      op: 'fromConnect',
      class: className,
      config: props,
      isKey: false,
      topic: 't',
      schema: encodeSchema(schema),
      value: encodeValue(schema, value),
    })),
  );
  const wrong: unknown[] = [];
  for (const [i, { className, props, typed }] of cases.entries()) {
    const java = answers[i]!;
    if (WRITTEN_ON_PURPOSE.some((entry) => entry.matches(className, typed, java))) continue;
    const expected = java.error === undefined ? ((java.bytes as string | null) ?? null) : 'error';
    let actual: unknown;
    let message: unknown;
    try {
      const bytes = create(className, props).fromConnect('t', ...typed) as Uint8Array | null;
      actual = bytes && Buffer.from(bytes).toString('base64');
    } catch (error) {
      actual = 'error';
      message = (error as Error).message;
    }
    const shown = (text: unknown): unknown =>
      typeof text === 'string' && text !== 'error' ? Buffer.from(text, 'base64').toString() : text;
    if (actual !== expected)
      wrong.push({
        className,
        props,
        typed,
        java: shown(expected),
        javaError: java.message,
        ours: shown(actual),
        message,
      });
  }
  t.strictSame(wrong, []);
  t.ok(cases.length > 700);
});

const schemaOf = (json: string): string => `{"schema":${json},"payload":`;
const field = (type: string, rest = ''): string => `{"type":"struct","fields":[{"type":"${type}"${rest},"field":"f"}]}`;
const DECIMAL = ',"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2"}';
const logical = (type: string, name: string): string =>
  `{"type":"${type}","name":"org.apache.kafka.connect.data.${name}","version":1}`;

const PLAIN_TEXTS = [
  'null',
  'true',
  '0',
  '-0',
  '-0.0',
  '1',
  '1.0',
  '1e3',
  '1E-7',
  '0.1',
  '9007199254740993',
  '-9223372036854775808',
  '9223372036854775807',
  '0012',
  '1e400',
  '"a"',
  '"\\u00e9\\ud83d\\ude00\\n"',
  '""',
  '[]',
  '{}',
  '[1,"a",null,[true]]',
  '{"a":1,"a":2}',
  '{"b":1,"1":2,"a":{"__proto__":3}}',
  ' {"a" : [ 1 , 2 ] }\n',
  '{"price":101.5,"id":1234567890123456789}',
  '',
  ' ',
  '"é€😀"',
  '\ufeff1',
  '12345678901234567.5',
  '0.12345678901234567890',
  '{',
  '[1,]',
  '{"a"}',
  '{"a":1',
  'hello',
  "'a'",
  'NaN',
  '+1',
  '.5',
  '1.',
  '-',
  '"a\nb"',
  '"\\x"',
  '"',
  'tru',
  '{a:1}',
  '{"a":1,}',
  '[1 2]',
  '\\u0031',
];
const ENVELOPES = [
  ...PLAIN_TEXTS.slice(0, 24),
  `${schemaOf('null')}{"a":1.5}}`,
  `${schemaOf('{"type":"string"}')}"x"}`,
  `${schemaOf('{"type":"string","optional":true}')}null}`,
  `${schemaOf('{"type":"string"}')}null}`,
  `{"payload":1,"schema":{"type":"int8"}}`,
  `${schemaOf('{"type":"int8"}')}1,"x":2}`,
  `{"schema":{"type":"int8"}}`,
  `${schemaOf('{"type":"money"}')}1}`,
  `${schemaOf('{}')}1}`,
  `${schemaOf('5')}1}`,
  `${schemaOf('{"type":"array"}')}[]}`,
  `${schemaOf('{"type":"map","keys":{"type":"string"}}')}{}}`,
  `${schemaOf('{"type":"struct"}')}{}}`,
  `${schemaOf('{"type":"struct","fields":[{"type":"string"}]}')}{}}`,
  `${schemaOf(field('int64'))}{"f":9007199254740993}}`,
  `${schemaOf(field('int64'))}{"f":-9223372036854775808,"g":1}}`,
  `${schemaOf(field('int32', ',"optional":true'))}{}}`,
  `${schemaOf(field('int32', ',"default":7'))}{}}`,
  `${schemaOf(field('int32', ',"optional":true,"default":null'))}{}}`,
  `${schemaOf(field('int32'))}{}}`,
  `${schemaOf(field('float'))}{"f":0.1}}`,
  `${schemaOf(field('double'))}{"f":1}}`,
  `${schemaOf(field('bytes'))}{"f":"AQID/w=="}}`,
  `${schemaOf(field('bytes'))}{"f":"AQ"}}`,
  `${schemaOf(field('bytes', DECIMAL))}{"f":"MDk="}}`,
  `${schemaOf(field('bytes', DECIMAL))}{"f":123.45}}`,
  `${schemaOf(field('bytes', DECIMAL))}{"f":123456789012345678901234567890.12}}`,
  `${schemaOf(field('bytes', DECIMAL))}{"f":1.234}}`,
  `${schemaOf(field('bytes', DECIMAL))}{"f":true}}`,
  `${schemaOf(logical('int32', 'Date'))}19000}`,
  `${schemaOf(logical('int32', 'Time'))}86400001}`,
  `${schemaOf(logical('int32', 'Time'))}1000}`,
  `${schemaOf(logical('int64', 'Timestamp'))}1700000000123}`,
  `${schemaOf(logical('int64', 'Timestamp'))}"x"}`,
  `${schemaOf(logical('int32', 'Date'))}1.5}`,
  `${schemaOf('{"type":"map","keys":{"type":"string"},"values":{"type":"int32"}}')}{"b":1,"1":2}}`,
  `${schemaOf('{"type":"map","keys":{"type":"int32"},"values":{"type":"int32"}}')}[[1,2],[0,3]]}`,
  `${schemaOf('{"type":"map","keys":{"type":"int32"},"values":{"type":"int32"}}')}{"1":2}}`,
  `${schemaOf('{"type":"map","keys":{"type":"int32"},"values":{"type":"int32"}}')}[[1]]}`,
  `${schemaOf('{"type":"map","keys":{"type":"string"},"values":{"type":"int32"}}')}[[1,2]]}`,
  `${schemaOf('{"type":"array","items":{"type":"boolean"},"name":"n","version":2,"doc":"d","parameters":{"a":"b"}}')}[true]}`,
  `${schemaOf('{"type":"int8","parameters":{"a":1}}')}1}`,
  `${schemaOf('{"type":"struct","fields":[{"type":"string","field":"a"},{"type":"string","field":"a"}]}')}{}}`,
];

const outcome = ({ schema, value }: SchemaAndValue) => ({
  schema: comparableSchema(encodeSchema(schema)),
  value: comparable(encodeValue(schema, value)),
});

async function compareReading(
  t: { strictSame(a: unknown, b: unknown): unknown },
  className: string,
  props: Props,
  texts: readonly string[],
) {
  const answers = await askJava(
    texts.map((text) => ({
      op: 'toConnect',
      class: className,
      config: props,
      isKey: false,
      topic: 't',
      bytes: Buffer.from(text).toString('base64'),
    })),
  );
  const converter = create(className, props);
  const wrong: unknown[] = [];
  for (const [i, text] of texts.entries()) {
    const java = answers[i]!;
    const expected =
      java.error === undefined ? { schema: comparableSchema(java.schema), value: comparable(java.value) } : 'error';
    let actual: unknown;
    let message: unknown;
    try {
      actual = outcome(converter.toConnect('t', Buffer.from(text)) as SchemaAndValue);
    } catch (error) {
      actual = 'error';
      message = (error as Error).message;
    }
    if (!isDeepStrictEqual(actual, expected))
      wrong.push({ text, java: expected, javaError: java.message, ours: actual, message });
  }
  t.strictSame(wrong, []);
}

t.test('what is read is the same', async (t) => {
  await compareReading(t, JSON_CONVERTER, PLAIN, PLAIN_TEXTS);
  await compareReading(t, JSON_CONVERTER, {}, [...ENVELOPES, ...ENVELOPES]);
  await compareReading(t, JSON_CONVERTER, { 'replace.null.with.default': 'false' }, ENVELOPES);
  await compareReading(t, STRING_CONVERTER, {}, PLAIN_TEXTS);
  await compareReading(t, STRING_CONVERTER, { 'converter.encoding': 'UTF-16BE' }, ['', 'ab', 'abcd']);
  await compareReading(t, BYTES_CONVERTER, {}, ['', 'ab']);
});

/** What Java reads as something else without a word, or in part, and what we make of it: an error, or the exact value. */
const BETTER: readonly (readonly [reason: string, props: Props, text: string, ours: unknown])[] = [
  ['text behind the value is cut off', PLAIN, '{"a":1} {"a":2}', 'error'],
  ['integers beyond 64 bits are wrapped', PLAIN, '9223372036854775808', 9223372036854775808n],
  ['int8 is wrapped', {}, `${schemaOf('{"type":"int8"}')}300}`, 'error'],
  ['int64 is wrapped', {}, `${schemaOf('{"type":"int64"}')}9223372036854775808}`, 'error'],
  ['fractions of integers are cut off', {}, `${schemaOf('{"type":"int32"}')}1.5}`, 'error'],
  ['text becomes the integer 0', {}, `${schemaOf('{"type":"int32"}')}"5"}`, 'error'],
  ['text becomes false', {}, `${schemaOf('{"type":"boolean"}')}"true"}`, 'error'],
  ['a number becomes a null text', {}, `${schemaOf('{"type":"string"}')}5}`, 'error'],
  ['NaN, which is written as text, becomes 0', {}, `${schemaOf('{"type":"double"}')}"NaN"}`, Number.NaN],
  [
    'a decimal may have another scale than its schema',
    {},
    `${schemaOf(`{"type":"bytes"${DECIMAL}}`)}1.5}`,
    { unscaled: 150n, scale: 2 },
  ],
];

t.test('what Java reads wrongly is read right, or refused', async (t) => {
  const answers = await askJava(
    BETTER.map(([, props, text]) => ({
      op: 'toConnect',
      class: JSON_CONVERTER,
      config: props,
      isKey: false,
      topic: 't',
      bytes: Buffer.from(text).toString('base64'),
    })),
  );
  for (const [i, [reason, props, text, ours]] of BETTER.entries()) {
    t.equal(answers[i]!.error, undefined, `Java: ${reason}`);
    const read = () => (create(JSON_CONVERTER, props).toConnect('t', Buffer.from(text)) as SchemaAndValue).value;
    if (ours === 'error') t.throws(read, { name: 'DataError' }, text);
    else {
      t.strictSame(read(), ours, text);
      t.notSame(comparable(answers[i]!.value), comparable(encodeValue(null, ours)), 'differs');
    }
  }
});
