import { integerToFloat32, parseFloat32, parseFloat64, parseInteger, toInt32, toInt64 } from '@tributary/api/text';
import t from 'tap';

t.test('integers are read as by Long.parseLong and its kin', (t) => {
  t.equal(parseInteger('+7', 8), 7n);
  t.equal(parseInteger('-128', 8), -128n);
  t.equal(parseInteger('１２', 32), 12n, 'digits of any script');
  t.equal(parseInteger('9223372036854775807', 64), 2n ** 63n - 1n);
  for (const text of ['', ' 1', '1 ', '1.0', '1e3', '0x1F', '1_000', '--1', '+', '128'])
    t.throws(() => parseInteger(text, 8), /is not a number of the type/, `'${text}'`);
  t.end();
});

t.test('floating-point numbers are read as by Double.parseDouble', (t) => {
  t.equal(parseFloat64(' \t1.5e3\n'), 1500);
  t.equal(parseFloat64('2D'), 2);
  t.equal(parseFloat64('0x1.8p3'), 12);
  t.equal(parseFloat64('0x.1P-1074'), 0, 'rounded to the even one of the smallest');
  t.equal(parseFloat64('-Infinity'), Number.NEGATIVE_INFINITY);
  t.ok(Number.isNaN(parseFloat64('+NaN')));
  for (const text of ['', '.', '1,5', 'inf', '1e', '1_0', '0x1', '\u00a01'])
    t.throws(() => parseFloat64(text), `'${text}'`);
  t.end();
});

t.test('a float32 is rounded once', (t) => {
  t.equal(
    parseFloat32('8388609.5000000001'),
    8388610,
    'by way of a float64 it would be halfway, and rounded to the even one',
  );
  t.equal(Math.fround(Number('16777217.0000000000001')), 16777216);
  t.equal(parseFloat32('16777217.0000000000001'), 16777218);
  t.equal(parseFloat32('7.0064923216240853e-46'), 0);
  t.equal(parseFloat32('7.0064923216240862e-46'), 2 ** -149);
  t.equal(parseFloat32('3.4028235677973366e38'), 3.4028234663852886e38);
  t.equal(parseFloat32('3.4028235677973367e38'), Number.POSITIVE_INFINITY);
  t.equal(integerToFloat32(2n ** 62n + 2n ** 38n + 1n), 2 ** 62 + 2 ** 39);
  t.end();
});

t.test("casts to integers cut off and saturate as Java's do", (t) => {
  t.strictSame([2.9, -2.9, 1e10, -1e10, Number.NaN].map(toInt32), [2, -2, 2 ** 31 - 1, -(2 ** 31), 0]);
  t.strictSame([2.9, 1e300, -1e300, Number.NaN].map(toInt64), [2n, 2n ** 63n - 1n, -(2n ** 63n), 0n]);
  t.end();
});
