import { parseDecimal } from '@tributary/api';
import t from 'tap';
import { columnWriter } from '../../src/convert/column.ts';
import { column, zonesOf } from '../support.ts';

const into = (declared: string) => (value: unknown) =>
  columnWriter(column('c', declared), zonesOf()).convert(value, null);

t.test('whole numbers of any form are exact to the last digit', async (t) => {
  const bigint = into('bigint');
  t.equal(bigint(42), 42);
  t.equal(bigint(9223372036854775807n), 9223372036854775807n);
  t.equal(bigint('-9223372036854775808'), -9223372036854775808n);
  t.equal(bigint(parseDecimal('9007199254740993')), 9007199254740993n);
  t.equal(into('int')('+7'), 7);
  t.equal(into('int')(5.0), 5);
  t.equal(into('tinyint')(true), 1);
  t.equal(into('smallint')(-32768n), -32768);
});

t.test('whole numbers that do not fit are refused, with the column and its range', async (t) => {
  t.throws(() => into('tinyint')(-1), {
    message: 'Column c (tinyint): the number -1 is out of range, which is 0 to 255',
  });
  t.throws(() => into('int')(2 ** 31), { message: /out of range/ });
  t.throws(() => into('bigint')(2n ** 63n), { message: /out of range/ });
  t.throws(() => into('bigint')(2 ** 63), { message: /out of range/ });
  for (const value of [1.5, '1.0', 'x', '', Number.NaN, parseDecimal('1.1'), new Date(0), {}])
    t.throws(() => into('int')(value), { message: /is not a whole number/ });
});

t.test('decimals go as text with the digits of the column', async (t) => {
  const decimal = into('decimal(38,10)');
  t.equal(decimal(parseDecimal('1234567890123456789012345678.0123456789')), '1234567890123456789012345678.0123456789');
  t.equal(decimal('12.5'), '12.5000000000');
  t.equal(decimal(1e-7), '0.0000001000');
  t.equal(decimal(2n ** 70n), '1180591620717411303424.0000000000');
  t.equal(into('decimal(18,2)')(parseDecimal('1.500')), '1.50', 'zeros are no digits');
  t.equal(into('money')('922337203685477.5807'), '922337203685477.5807');
  t.equal(into('numeric(5,0)')(-99999), '-99999');
});

t.test('a double is rounded to the scale of the column, half away from zero', async (t) => {
  const decimal = into('decimal(18,2)');
  t.equal(decimal(0.1 + 0.2), '0.30');
  t.equal(decimal(2.675), '2.68');
  t.equal(decimal(-2.675), '-2.68');
  t.equal(decimal(-0.001), '0.00');
});

t.test('a decimal that would lose digits is refused', async (t) => {
  t.throws(() => into('decimal(18,2)')('1.005'), { message: /more than 2 digits behind the point.*widen/ });
  t.throws(() => into('decimal(5,2)')(1000), { message: /out of range/ });
  t.throws(() => into('money')('922337203685477.5808'), { message: /out of range/ });
  t.throws(() => into('smallmoney')('214748.3648'), { message: /out of range/ });
  for (const value of ['x', Number.NaN, Number.POSITIVE_INFINITY, '1e99999', []])
    t.throws(() => into('decimal(18,2)')(value), { message: /is not a number/ });
});

t.test('floats are finite, and integers in them exact', async (t) => {
  t.equal(into('float')(0.1), 0.1);
  t.equal(into('float')('1e300'), 1e300);
  t.equal(into('real')(0.1), Math.fround(0.1));
  t.equal(into('float')(2n ** 60n), 2 ** 60);
  t.throws(() => into('float')(2n ** 60n + 1n), { message: /would lose digits/ });
  t.throws(() => into('real')(1e39), { message: /finite/ });
  for (const value of [Number.NaN, Number.NEGATIVE_INFINITY])
    t.throws(() => into('float')(value), { message: /finite/ });
});

t.test('a bit is true or false and not any number', async (t) => {
  const bit = into('bit');
  t.strictSame([true, 1, 1n, 'true', ' TRUE ', '1'].map(bit), Array(6).fill(true));
  t.strictSame([false, 0, 0n, 'false', '0'].map(bit), Array(5).fill(false));
  for (const value of [2, -1, 'yes', '', null]) t.throws(() => bit(value), { message: /neither true nor false/ });
});

t.test('a boolean is no price: only columns of whole numbers take it, as flags', async (t) => {
  t.strictSame(
    ['tinyint', 'int', 'bigint'].map((type) => Number(into(type)(true))),
    [1, 1, 1],
  );
  for (const type of ['float', 'real', 'decimal(18,4)', 'money'])
    t.throws(() => into(type)(true), { message: /true is not a number/ }, type);
});
