import { decimalToString, parseDecimal } from '@tributary/api';
import { float32ToString, float64ToString } from '@tributary/api/text';
import t from 'tap';

t.test('a float64 reads as in Java', (t) => {
  const expected: [number, string][] = [
    [1, '1.0'],
    [-0, '-0.0'],
    [0.001, '0.001'],
    [0.0009, '9.0E-4'],
    [1e7, '1.0E7'],
    [9999999.5, '9999999.5'],
    [1234567890.5, '1.2345678905E9'],
    [1e21, '1.0E21'],
    [5e-324, '4.9E-324'],
    [1.7976931348623157e308, '1.7976931348623157E308'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [-12.5, '-12.5'],
  ];
  for (const [value, text] of expected) t.equal(float64ToString(value), text);
  t.end();
});

t.test('a float32 needs fewer digits', (t) => {
  const expected: [number, string][] = [
    [0.1, '0.1'],
    [16777216, '1.6777216E7'],
    [3.4028234663852886e38, '3.4028235E38'],
    [1.401298464324817e-45, '1.4E-45'],
    [-1, '-1.0'],
    [1e10, '1.0E10'],
    [0, '0.0'],
  ];
  for (const [value, text] of expected) t.equal(float32ToString(value), text);
  t.end();
});

t.test('a decimal takes an exponent where zeros would pad it', (t) => {
  for (const text of [
    '0',
    '1.50',
    '-0.000001',
    '1E-7',
    '-1.23E-8',
    '5E+2',
    '1.2E+30',
    '0E-10',
    '12345678901234567890.1',
  ])
    t.equal(decimalToString(parseDecimal(text)), text);
  t.end();
});
