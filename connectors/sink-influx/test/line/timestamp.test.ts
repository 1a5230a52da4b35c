import t from 'tap';
import { type TimeUnit, timestampText } from '../../src/line/timestamp.ts';

const text = (value: unknown, unit: TimeUnit, precision: TimeUnit, extra?: number): string =>
  timestampText({ unit, precision, source: 'at' })(value, extra);

t.test('numbers of any unit become times of any precision, to the last digit', async (t) => {
  t.equal(text(1_700_000_000_123, 'ms', 'ns'), '1700000000123000000');
  t.equal(text(1_700_000_000_123, 'ms', 'us'), '1700000000123000');
  t.equal(text(1_700_000_000_123, 'ms', 's'), '1700000000');
  t.equal(text(1_700_000_000, 's', 'ns'), '1700000000000000000');
  t.equal(text(1_700_000_000_123_456_789n, 'ns', 'ns'), '1700000000123456789');
  t.equal(text(1_700_000_000_123_456_789n, 'ns', 'us'), '1700000000123456');
  t.equal(text(1_700_000_000_123_457, 'us', 'ns'), '1700000000123457000');
  t.equal(text(0, 'ms', 'ns'), '0');
});

t.test('times before 1970 are rounded down, too', async (t) => {
  t.equal(text(-1, 'ms', 'ns'), '-1000000');
  t.equal(text(-1, 'ms', 's'), '-1');
  t.equal(text(-1000, 'ms', 's'), '-1');
  t.equal(text(-1, 'ms', 'ns', 7), '-999993');
});

t.test('fractions and text are as exact as they are written', async (t) => {
  t.equal(text(1_700_000_000.25, 's', 'ns'), '1700000000250000000');
  t.equal(text('1700000000123456789', 'ns', 'ns'), '1700000000123456789');
  t.equal(text('1700000000.123456789', 's', 'ns'), '1700000000123456789');
  t.equal(text({ unscaled: 17_000_000_001n, scale: 1 }, 's', 'ms'), '1700000000100');
  t.equal(text('2023-11-14T22:13:20.123456789Z', 'ms', 'ns'), '1700000000123456789');
  t.equal(text('2023-11-14 23:13:20,1+01:00', 'ms', 'ns'), '1700000000100000000');
  t.equal(text('2023-11-14T22:13:20', 'ms', 's'), '1700000000', 'without an offset it is UTC');
  t.equal(text('2023-11-14', 'ms', 's'), '1699920000');
  t.equal(text('1969-12-31T23:59:59.9Z', 'ms', 'ms'), '-100');
  t.equal(text(new Date(1_700_000_000_123), 's', 'ns'), '1700000000123000000');
});

t.test('the digits below the unit can be used to tell equal times apart', async (t) => {
  t.equal(text(1_700_000_000_123, 'ms', 'ns', 42), '1700000000123000042');
  t.equal(text(1_700_000_000_123, 'ms', 'ns', 12_345_678), '1700000000123345678');
  t.equal(text('2023-11-14T22:13:20.123Z', 'ms', 'ns', 42), '1700000000123000042');
  t.throws(() => text('2023-11-14T22:13:20.1234Z', 'ms', 'ns', 42), { message: /digits below ms/ });
});

t.test('what is no time, or out of reach, is refused', async (t) => {
  t.throws(() => text(null, 'ms', 'ns'), { message: /^at is missing/ });
  t.throws(() => text('soon', 'ms', 'ns'), { message: 'at is no time: it is text of 4 characters' });
  t.throws(() => text('2023-13-14', 'ms', 'ns'), { message: /no time/ });
  t.throws(() => text(Number.NaN, 'ms', 'ns'), { message: /no time/ });
  t.throws(() => text(new Date(Number.NaN), 'ms', 'ns'), { message: /no time/ });
  t.throws(() => text(true, 'ms', 'ns'), { message: /no time/ });
  t.throws(() => text(1_700_000_000_123, 's', 'ns'), { message: /outside the times .* is timestamp.unit right/ });
  t.throws(() => text(9_223_372_036_854_775_807n, 'ns', 'ns'), { message: /outside/ });
  t.equal(text(9_223_372_036_854_775_806n, 'ns', 'ns'), '9223372036854775806');
  t.equal(text(-9_223_372_036_854_775_806n, 'ns', 'ns'), '-9223372036854775806');
  t.equal(text(9_223_372_036_854, 'ms', 'ns'), '9223372036854000000');
  t.throws(() => text(9_223_372_036_855, 'ms', 'ns'), { message: /outside/ });
});
