/** Compares text forms with the Java classes that they come from. */
import { Schema } from '@tributary/api';
import {
  DateFormat,
  float32ToString,
  float64ToString,
  formatLiteral,
  javaRegExp,
  javaReplacement,
  parseLiteral,
  timeZone,
} from '@tributary/api/text';
import t from 'tap';
import {
  askJava,
  comparable,
  comparableSchema,
  doubleBits,
  encodeSchema,
  encodeValue,
  floatBits,
} from '../../../transforms/test/oracle/oracle.ts';

/** The same numbers in each run, so that a failure can be looked at. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}
const next = random(42);
const bits = new DataView(new ArrayBuffer(8));
const anyDouble = (): number => {
  bits.setUint32(0, next() * 2 ** 32);
  bits.setUint32(4, next() * 2 ** 32);
  return bits.getFloat64(0);
};

t.test('float64 and float32 read as Java writes them', async (t) => {
  const short = [
    ...[0, -0, 1, 0.1, 100, 1e7, 9999999, 1e-3, 9.99e-4, 123456789, 1e21, 1e22, 5e-324, 2e-3, 3.4e38],
    ...Array.from({ length: 3000 }, () => Number((next() * 10 ** (next() * 12 - 4)).toFixed(Math.floor(next() * 8)))),
  ];
  const long = Array.from({ length: 2000 }, anyDouble).filter(Number.isFinite);
  const floats = [...short, ...long].map(Math.fround).filter(Number.isFinite);
  const answers = await askJava([
    ...[...short, ...long].map((value) => ({ op: 'double', bits: doubleBits(value) })),
    ...floats.map((value) => ({ op: 'float', bits: floatBits(value) })),
  ]);
  // Before Java 19 Double.toString wrote a digit too many now and then (JDK-4511638); both texts are the same number.
  const differs = (text: unknown, ours: string, same: (a: number, b: number) => boolean): boolean =>
    text !== ours && !(ours.length <= String(text).length && same(Number(text), Number(ours)));
  for (const [i, value] of short.entries())
    if (answers[i]!.text !== float64ToString(value)) t.equal(float64ToString(value), answers[i]!.text);
  const wrong = long.filter((value, i) =>
    differs(answers[short.length + i]!.text, float64ToString(value), (a, b) => a === b),
  );
  t.strictSame(wrong, []);
  const wrongFloats = floats.filter((value, i) =>
    differs(
      answers[short.length + long.length + i]!.text,
      float32ToString(value),
      (a, b) => Math.fround(a) === Math.fround(b),
    ),
  );
  t.strictSame(wrongFloats, []);
});

t.test('dates in a time zone are written as Java writes them', async (t) => {
  const zones = [
    'Europe/Zurich',
    'America/New_York',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'America/St_Johns',
    'Asia/Tokyo',
  ];
  const asked = Array.from({ length: 2000 }, (_, i) => ({
    op: 'formatDate',
    pattern: ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", 'EEE d MMM yyyy h a Z', 'YYYY-ww-u X', 'yyyyMMddHH'][i % 4]!,
    zone: zones[i % zones.length]!,
    millis: Math.floor((next() - 0.2) * 2.5e12),
  }));
  const answers = await askJava(asked);
  const wrong = asked.filter(({ pattern, zone, millis }, i) => {
    const ours = new DateFormat(pattern).format(new Date(millis), timeZone(zone));
    return ours !== answers[i]!.text;
  });
  t.strictSame(wrong.slice(0, 5), []);
});

const PATTERNS = [
  "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
  "yyyy-MM-dd'T'HH:mm:ss.SSSX",
  "yyyy-MM-dd'T'HH:mm:ssXXX",
  'yyyy-MM-dd HH:mm:ss Z',
  'yyyy-MM-dd HH:mm:ss z',
  'yyyyMMdd',
  'yyyyMMddHHmmssSSS',
  'dd/MM/yy',
  'd.M.yyyy H:m:s',
  'EEE, d MMM yyyy hh:mm:ss a',
  'EEEE d MMMM y G',
  'EEE MMM dd HH:mm:ss zzzz yyyy',
  'yyyy DDD',
  "YYYY-'W'ww-u",
  'yyyy-MM W E',
  'yyyy MM F E',
  'K:mm a kk',
  "h 'o''clock' a",
  'SSSSSS',
  'HH:mm',
  'yyyy.',
  '',
];
const MOMENTS = [
  0, -1, 1_709_211_845_007, 253_402_300_799_999, -12_216_700_800_000, -12_219_292_800_001, -62_135_769_600_000,
  -62_200_000_000_000,
];

t.test('dates are written as by SimpleDateFormat', async (t) => {
  const moments = [...MOMENTS, ...Array.from({ length: 60 }, () => Math.floor((next() - 0.3) * 6e12))];
  const questions = PATTERNS.flatMap((pattern) => moments.map((millis) => ({ op: 'formatDate', pattern, millis })));
  const answers = await askJava(questions);
  const wrong = questions
    .map(({ pattern, millis }, i) => ({
      pattern,
      millis,
      java: answers[i]!.text,
      ours: new DateFormat(pattern).format(new Date(millis)),
    }))
    .filter(({ java, ours }) => java !== ours);
  t.strictSame(wrong, []);
});

const TEXTS = [
  '2024-02-29T13:04:05.007Z',
  '2024-02-29T13:04:05.007123Z',
  '2024-02-29T13:04:05.7Z',
  '2024-02-29T13:04:05.007+01',
  '2024-02-29T13:04:05.007+0130',
  '2024-02-29T13:04:05-05:30',
  '2024-13-45T25:61:61.999Z',
  '2024-2-9T1:4:5.7Z',
  '2024-02-29 13:04:05 +0200',
  '2024-02-29 13:04:05 PST',
  '2024-02-29 13:04:05 GMT+2:00',
  '2024-02-29 13:04:05 utc',
  '20240229',
  '202402',
  '2024022',
  '20240229130405007',
  '29/02/24',
  '29/02/70',
  '29/02/1970',
  '1/1/1',
  '29.2.2024 3:4:5',
  '-5.2.2024 3:4:5',
  'Thu, 29 Feb 2024 01:04:05 PM',
  'thu, 29 february 2024 12:04:05 am',
  'Thursday 29 February 2024 AD',
  'Thursday 29 February 44 BC',
  'Thu Feb 29 13:04:05 Coordinated Universal Time 2024',
  '2024 060',
  '2024 366',
  '2024-W09-4',
  '2020-W53-7',
  '2024-02 5 Thu',
  '2024 02 5 Thu',
  '2024 02 -1 Thu',
  '0:30 PM 24',
  "12 o'clock AM",
  "12 o'clock PM",
  '123456',
  '  12',
  '12:30',
  '24:00',
  '',
  'x',
  '2024',
  '2024.',
  '99999999999.',
  '0001-01-01T00:00:00.000Z',
  '1582-10-10T00:00:00.000Z',
  '1500-02-29T00:00:00.000Z',
  '2024-02-29T13:04:05.007Z trailing',
  '2024-02-29 ',
  ' 2024-02-29T13:04:05.007Z',
  '2024- 02-29T13:04:05.007Z',
  '+2024-02-29T13:04:05.007Z',
];

t.test('dates are read as by SimpleDateFormat', async (t) => {
  const questions = PATTERNS.filter(Boolean).flatMap((pattern) =>
    TEXTS.map((text) => ({ op: 'parseDate', pattern, text })),
  );
  const answers = await askJava(questions);
  const wrong = questions
    .map(({ pattern, text }, i) => {
      const date = new DateFormat(pattern).parse(text);
      return { pattern, text, java: answers[i]!.millis, ours: date ? String(date.getTime()) : null };
    })
    // A Date holds fewer years than Java's.
    .filter(({ java, ours }) => java !== ours && !(ours === 'NaN' && Math.abs(Number(java)) > 8.64e15));
  t.strictSame(wrong, []);
});

const REGEXES: readonly (readonly [pattern: string, text: string, replacement: string])[] = [
  ['a|ab', 'ab', 'x'],
  ['(a)(b)?', 'a', '[$1|$2]'],
  ['(?i)QUOTES-(\\d+)', 'quotes-7', 't$1'],
  ['(?<x>.)', 'z', '${x}${x}'],
  ['\\Q(a.b)*\\E+', '(a.b)**', 'y'],
  ['[a-z&&[^m]]+', 'abm', '-'],
  ['[a-c[x-z]]+', 'axq', '-'],
  ['[^a-c&&b-z]', 'd', '-'],
  ['[]a]+', ']a', '-'],
  ['[a-]+', 'a-', '='],
  ['\\w+\\s\\S+', 'ab cd', '$0!'],
  ['\\p{Alpha}+\\P{Alpha}', 'ab1', '-'],
  ['\\pL\\p{Lu}\\p{IsAlphabetic}', 'éÉx', '-'],
  ['\\p{IsLatin}+', 'abc', '-'],
  ['\\h\\v', ' \n', '-'],
  ['\\x41\\u0042\\0103', 'ABC', '-'],
  ['(?s).+', 'a\nb', '-'],
  ['.+', 'a\nb', '-'],
  ['(?m)^b$', 'a\nb', '-'],
  ['a{2,3}?', 'aaa', '-'],
  ['(?:a|b)+?c', 'abc', '-'],
  ['(?<=a)b', 'ab', '-'],
  ['a(?i:b)c', 'aBc', '-'],
  ['a(?i)b|c', 'aB', '-'],
  ['(a)(?:b)(c)', 'abc', '$2$1$10'],
  ['\\A\\w\\z', 'a', '-'],
  ['a\\.b\\-c\\/d', 'a.b-c/d', '\\\\ \\$'],
  ['}]', '}]', '-'],
  ['(.)\\1', 'aa', '-'],
  ['(?<n>.)\\k<n>', 'aa', '-'],
  ['[\\d\\-x]+', '1-x', '-'],
  ['[\\Q]^\\E]', ']', '-'],
  ['\\t\\e\\cA', '\t\x1b\x01', '-'],
  ['[é-ü]+', 'éü', '-'],
  ['', '', 'x'],
  ['😀+', '😀😀', '-'],
  ['[', '', ''],
  ['(', '', ''],
  ['*a', '', ''],
  ['a{', '', ''],
  ['\\', '', ''],
  ['(?z)a', '', ''],
  ['\\y', '', ''],
  [')', '', ''],
  ['a', 'a', '$2'],
  ['a', 'a', '$'],
  ['a', 'a', '${b}'],
];

t.test('regular expressions match and replace as in java.util.regex', async (t) => {
  const answers = await askJava(
    REGEXES.map(([pattern, text, replacement]) => ({ op: 'regex', pattern, text, replacement })),
  );
  for (const [i, [pattern, text, replacement]] of REGEXES.entries()) {
    const { error, ...java } = answers[i]!;
    const run = () => {
      const regExp = javaRegExp(pattern);
      return {
        matches: regExp.matches(text),
        replaced: regExp.replaceFirst(text, javaReplacement(replacement, regExp)),
      };
    };
    if (error === undefined) t.strictSame(run(), java, `${pattern} on ${JSON.stringify(text)}`);
    else t.throws(run, `${pattern}: ${java.message}`);
  }
});

const LITERALS = [
  '',
  ' ',
  'text',
  'null',
  'nullx',
  ' true ',
  'false}',
  'true',
  '1',
  '-128',
  '128',
  '-32769',
  '2147483648',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '+7',
  '007',
  '1.0',
  '1e3',
  '0.1',
  '3.14159265358979',
  '1e39',
  '1e400',
  '-1.5e-3',
  '1.',
  '.5',
  '1a',
  '--1',
  '2024-02-29',
  '2024-02-30',
  '2024-02-xx',
  '13:04:05.007Z',
  '2024-02-29T13:04:05.007Z',
  '2024-02-29T13\\:04\\:05.007Z',
  '99:99:99.999Z',
  '[]',
  '[1]',
  '[1,2]',
  '[1,300]',
  '[1,2.5]',
  '[1,"a"]',
  '["a","b"]',
  '["a\\"b"]',
  '[ 1 , 2 ]',
  '[1,null]',
  '[null]',
  '[1,,2]',
  '[1,]',
  '[a]',
  '[1',
  '[[1],[2,3]]',
  '[true,false]',
  '["2024-02-29"]',
  '{}',
  '{"a":1}',
  '{"a":1,"b":300}',
  '{"a":null}',
  '{"a":1,"b":null}',
  '{1:2}',
  '{"1":2}',
  '{"a"}',
  '{"a":}',
  '{:1}',
  '{"a":1',
  '{"a":[1,2]}',
  '{"a":{"b":"c"}}',
  '{"__proto__":1}',
  '"quoted"',
  'a,b',
  '[1]x',
  '{"a":1}x',
  '1,2',
  '1:2',
  '[9223372036854775807,1.5]',
  '[12345678901234567890,1]',
  'é',
  '[\\]]',
  '\\',
  'a\\"b',
  '[1 2]',
  '{"a" : 1 , "b" : 2}',
  '{"a":1 "b":2}',
  '[2024-02-29]',
  '[13:04:05.007Z]',
];

t.test('literals are read as by Values.parseString', async (t) => {
  const questions = LITERALS.map((text) => ({
    op: 'toHeader',
    class: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    config: {},
    bytes: Buffer.from(text).toString('base64'),
  }));
  const answers = await askJava(questions);
  for (const [i, text] of LITERALS.entries()) {
    const { schema, value } = parseLiteral(text);
    t.strictSame(
      { schema: comparableSchema(encodeSchema(schema)), value: comparable(encodeValue(schema, value)) },
      { schema: comparableSchema(answers[i]!.schema), value: comparable(answers[i]!.value) },
      JSON.stringify(text),
      { java: answers[i] },
    );
  }
});

const struct = Schema.struct({
  a: Schema.int32({ optional: true, default: 3 }),
  'q"': Schema.string(),
  f: Schema.float32(),
});
const VALUES: readonly (readonly [Schema | null, unknown])[] = [
  [Schema.string(), 'a "b" \\ c'],
  [Schema.boolean(), true],
  [Schema.int64(), 2n ** 62n],
  [Schema.float64(), 5],
  [Schema.float32(), 0.1],
  [Schema.float64(), 1e-10],
  [Schema.decimal(8), { unscaled: 1n, scale: 8 }],
  [Schema.bytes(), new Uint8Array([1, 2, 255])],
  [Schema.array(Schema.string()), ['a', 'b"c\\', null]],
  [Schema.array(Schema.bytes()), [new Uint8Array([1])]],
  [Schema.map(Schema.string(), Schema.float64()), { a: 1, b: 2.5 }],
  [Schema.map(Schema.int32(), Schema.array(Schema.int8())), new Map([[1, [2, 3]]])],
  [struct, { a: null, 'q"': 'x"', f: 1 }],
  [Schema.timestamp(), new Date(1_709_211_845_007)],
  [Schema.date(), new Date(86_400_000 * 3)],
  [Schema.time(), new Date(5)],
  [Schema.timestamp(), new Date(-5)],
  [Schema.array(Schema.timestamp()), [new Date(1_709_211_845_007)]],
  [null, 5],
  [null, 'x'],
  [null, { a: [1, null, 1.5] }],
];

t.test('values are written as by Values.convertToString', async (t) => {
  const answers = await askJava(
    VALUES.map(([schema, value]) => ({
      op: 'fromHeader',
      class: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
      config: {},
      schema: encodeSchema(schema),
      value: encodeValue(schema, value),
    })),
  );
  for (const [i, [schema, value]] of VALUES.entries())
    t.equal(formatLiteral(schema, value), Buffer.from(answers[i]!.bytes as string, 'base64').toString());
});
