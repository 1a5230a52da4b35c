import fc from 'fast-check';
import t from 'tap';
import { LineWriter } from '../../src/line/line-writer.ts';

const written = (write: (out: LineWriter) => void): string => {
  const out = new LineWriter();
  out.text('before ');
  write(out);
  return out.toString('before '.length);
};
const textOf = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));
const prices = fc
  .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 8 }))
  .map(([digits, scale]) => Number(`${digits}e-${scale}`));
const EDGES = [0, -0, 1, -1, 0.1, 0.3, 0.1 + 0.2, 1e-4, 1e-5, 9.9999, 99_999_999, 1e8, 1e21, 1e-7, 5e-324, 1.7e308];
const LIMITS = [2 ** 31 - 1, 2 ** 31, (2 ** 31 - 1) / 1e4, 2 ** 31 / 1e4, 2 ** 31 * 1e8 - 1, 2 ** 53 - 1, 1 - 2 ** 53];

t.test('floats have the digits that JavaScript gives them', async (t) => {
  for (const value of [...EDGES, ...LIMITS]) {
    const text = written((out) => out.float(value));
    t.equal(text, textOf(value));
  }
  fc.assert(
    fc.property(prices, (value) => written((out) => out.float(value)) === textOf(value)),
    { numRuns: 5_000 },
  );
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) =>
      Object.is(Number(written((out) => out.float(value))), value),
    ),
    { numRuns: 5_000 },
  );
});

t.test('integers have all their digits', async (t) => {
  for (const value of [
    0,
    9,
    10,
    99_999_999,
    1e8,
    100_000_001,
    1_780_000_000_000_058,
    ...LIMITS.filter(Number.isSafeInteger),
  ])
    t.equal(
      written((out) => out.integer(value)),
      String(value),
    );
  fc.assert(fc.property(fc.maxSafeInteger(), (value) => written((out) => out.integer(value)) === textOf(value)));
});

t.test('text is encoded as UTF-8, short and long, of ASCII and of anything else', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), (texts) => {
      const out = new LineWriter();
      for (const each of texts) out.text(each);
      return out.toString() === texts.join('') && out.length === Buffer.byteLength(texts.join(''));
    }),
  );
});

t.test('what is taken back is written over', async (t) => {
  const out = new LineWriter();
  out.text('one');
  const { length } = out;
  out.text(', two');
  out.backTo(length);
  out.character(0x21);
  t.equal(out.toString(), 'one!');
});

t.test('a value of many megabytes is taken, and its room given back', async (t) => {
  const out = new LineWriter();
  const large = 'ä'.repeat(6_000_000);
  out.text('x');
  out.text(large);
  t.equal(out.length, 12_000_001);
  t.ok(out.toString() === `x${large}`);
  out.backTo(0);
  out.text('small');
  t.equal(out.toString(), 'small');
});
