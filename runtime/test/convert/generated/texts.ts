/** Bytes to read: JSON in every shape, envelopes, what is nearly one of these, and what is nothing at all. */
import fc, { type Arbitrary } from 'fast-check';
import { text } from './values.ts';

const white = fc.oneof({ weight: 5, arbitrary: fc.constant('') }, fc.constantFrom(' ', '\n', '\t\r', '  '));

const spelledOut = (char: string): string =>
  char.length === 1 ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : JSON.stringify(char).slice(1, -1);

/** A JSON string, spelt in one way or another. */
const string: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: text.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: text.map((value) => `"${Array.from(value, spelledOut).join('')}"`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('"\\/"', '"\\u00E9"', '"a\\ud83d\\ude00"', '"\\ud83d"', '"\u2028"', '"\u007f"'),
  },
);

const digits = (most: number): Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: most }).map((all) => all.join(''));

const number: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String) },
  { weight: 3, arbitrary: fc.integer({ min: -300, max: 300 }).map(String) },
  { weight: 3, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)) },
  {
    weight: 1,
    arbitrary: fc.tuple(digits(25), digits(25)).map(([whole, rest]) => `${whole.replace(/^0+(?=\d)/, '')}.${rest}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(digits(3), fc.constantFrom('e', 'E', 'e+', 'E-'), digits(3))
      .map(([a, e, b]) => `${a.replace(/^0+(?=\d)/, '')}${e}${b}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '0',
      '-0',
      '-0.0',
      '0012',
      '1.0',
      '1e400',
      '-1e-400',
      '0e0',
      '1E5',
      '9223372036854775808',
      '1.10',
      '00',
      '-007',
    ),
  },
);

const scalar = fc.oneof(
  { weight: 3, arbitrary: string },
  { weight: 3, arbitrary: number },
  { weight: 1, arbitrary: fc.constantFrom('true', 'false', 'null') },
);

const key = fc.oneof(
  fc.constantFrom('"a"', '"b"', '"1"', '"__proto__"', '"schema"', '"payload"', '""', '"constructor"'),
  string,
);

/** Valid JSON, with keys that come twice now and then. */
export const json: Arbitrary<string> = fc.letrec<{ any: string }>((tie) => ({
  any: fc
    .tuple(
      white,
      fc.oneof(
        { depthSize: 'small' },
        scalar,
        fc.array(tie('any'), { maxLength: 4 }).map((items) => `[${items.join()}]`),
        fc
          .array(fc.tuple(white, key, white, tie('any')), { maxLength: 4 })
          .map((entries) => `{${entries.map(([a, k, b, item]) => `${a}${k}${b}:${item}`).join()}}`),
      ),
      white,
    )
    .map((parts) => parts.join('')),
})).any;

const MARKS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '0',
  '-',
  '.',
  'e',
  '+',
  'n',
  ' ',
  '\u0000',
  'é',
  '/',
  "'",
  '1',
  'NaN',
  '//x\n',
  '\ufeff',
];

/** The text with something cut out, put in, or turned around. */
export function mangled(source: Arbitrary<string>): Arbitrary<string> {
  return fc.tuple(source, fc.nat(), fc.nat(4), fc.constantFrom('', ...MARKS)).map(([whole, at, length, mark]) => {
    const start = at % (whole.length + 1);
    return whole.slice(0, start) + mark + whole.slice(start + length);
  });
}

const deep: Arbitrary<string> = fc
  .tuple(fc.constantFrom(10, 100, 300, 1001, 1100), fc.boolean())
  .map(([depth, arrays]) =>
    arrays ? `${'['.repeat(depth)}1${']'.repeat(depth)}` : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
  );

export const textBytes = (source: Arbitrary<string>): Arbitrary<Uint8Array> =>
  source.map((whole) => Buffer.from(whole));
/** Bytes, also those that begin or cut short what is longer than one byte in UTF-8 and UTF-16. */
export const anyBytes: Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc
    .array(
      fc.constantFrom(
        0xed,
        0xa0,
        0xbf,
        0x80,
        0xe0,
        0x9f,
        0xf0,
        0x90,
        0xf4,
        0xf5,
        0xc0,
        0xc3,
        0xd8,
        0xdc,
        0xfe,
        0xff,
        0xef,
        0xbb,
        0x00,
        0x31,
      ),
      { maxLength: 10 },
    )
    .map((bytes) => Uint8Array.from(bytes)),
);

/** What a JsonConverter without schemas may meet. */
export const jsonBytes: Arbitrary<Uint8Array> = fc.oneof(
  { weight: 12, arbitrary: textBytes(json) },
  { weight: 5, arbitrary: textBytes(mangled(json)) },
  { weight: 1, arbitrary: textBytes(text) },
  { weight: 1, arbitrary: anyBytes },
  { weight: 1, arbitrary: textBytes(json).map((bytes) => bytes.map((byte, i) => (i === 1 ? byte ^ 0x80 : byte))) },
);
/** Rare, since it is long. */
export const deepBytes: Arbitrary<Uint8Array> = textBytes(deep);

const token = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '1',
      '-1',
      '300',
      '1.5',
      '1e3',
      '99999999999999999999',
      'true',
      'false',
      'null',
      'abc',
      '"x"',
      '"a\\"b"',
      '\\',
      '""',
      '2024-02-29',
      '13:04:05.007Z',
      '2024-02-29T13\\:04\\:05.007Z',
      '"2024-02-29"',
      'NaN',
      'Infinity',
      '3.5e38',
      '1e400',
    ),
  },
  { weight: 1, arbitrary: text },
);

/** Literals as SimpleHeaderConverter reads them, well formed or not. */
export const literal: Arbitrary<string> = fc.letrec<{ any: string }>((tie) => ({
  any: fc
    .tuple(
      white,
      fc.oneof(
        { depthSize: 'small' },
        token,
        fc.array(tie('any'), { maxLength: 4 }).map((items) => `[${items.join()}]`),
        fc
          .array(fc.tuple(token, tie('any')), { maxLength: 3 })
          .map((entries) => `{${entries.map((entry) => entry.join(':')).join()}}`),
      ),
      white,
    )
    .map((parts) => parts.join('')),
})).any;
