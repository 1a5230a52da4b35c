import { Schema } from '@tributary/api';
import t from 'tap';
import { columnWriter } from '../../src/convert/column.ts';
import { epochTime } from '../../src/convert/times.ts';
import { column, zonesOf } from '../support.ts';

const into =
  (declared: string, zones = zonesOf()) =>
  (value: unknown, schema: Schema | null = null) =>
    columnWriter(column('c', declared), zones).convert(value, schema);
const at = new Date('2024-07-01T12:30:45.123Z');

t.test('a timestamp is the time in the zone of the database', async (t) => {
  t.equal(into('datetime2(7)')(at), '2024-07-01T12:30:45.123');
  t.equal(into('datetime2(7)', zonesOf('Europe/Zurich'))(at), '2024-07-01T14:30:45.123');
  t.equal(
    into('datetime2(7)', zonesOf('America/New_York'))(new Date('2024-01-01T00:00:00Z')),
    '2023-12-31T19:00:00.000',
  );
  t.equal(into('datetime2(7)')(at.getTime()), '2024-07-01T12:30:45.123', 'as JSON has it');
});

t.test('text keeps its seven digits of a second, and its offset where the column has one', async (t) => {
  const datetime2 = into('datetime2(7)', zonesOf('Europe/Zurich'));
  t.equal(datetime2('2024-07-01T12:30:45.1234567Z'), '2024-07-01T14:30:45.1234567');
  t.equal(datetime2('2024-07-01 12:30:45.1234567'), '2024-07-01T12:30:45.1234567', 'without an offset it is as it is');
  t.equal(datetime2('2024-07-01T12:30+05:30'), '2024-07-01T09:00:00.000');
  t.equal(datetime2('2024-07-01'), '2024-07-01T00:00:00.000');
  const offset = into('datetimeoffset(7)', zonesOf('Europe/Zurich'));
  t.equal(offset('2024-07-01T12:30:45.1234567-03:30'), '2024-07-01T12:30:45.1234567-03:30');
  t.equal(offset(at), '2024-07-01T14:30:45.123+02:00');
  t.equal(offset('2024-01-01T12:00:00'), '2024-01-01T12:00:00.000+01:00', 'the clock on the wall in Zurich');
  t.equal(into('datetimeoffset(7)')(at), '2024-07-01T12:30:45.123+00:00');
});

t.test('a date is a day', async (t) => {
  const day = new Date('2024-07-01T00:00:00Z');
  t.equal(into('date')(day, Schema.date()), '2024-07-01');
  t.equal(
    into('date', zonesOf('America/New_York', 'America/New_York'))(day, Schema.date()),
    '2024-06-30',
    'as in Java',
  );
  t.equal(into('date', zonesOf('America/New_York', 'UTC'))(day, Schema.date()), '2024-07-01');
  t.equal(into('date')(19905), '2024-07-01', 'days since the epoch, as JSON has it');
  t.equal(into('date')('2024-07-01'), '2024-07-01');
  t.equal(into('date')('0001-01-01'), '0001-01-01');
  t.equal(into('date')('9999-12-31'), '9999-12-31');
});

t.test('a time of day', async (t) => {
  t.equal(into('time(7)')(new Date(45_045_123), Schema.time()), '12:30:45.123');
  t.equal(into('time(7)')(45_045_123), '12:30:45.123');
  t.equal(into('time(7)')('12:30:45.1234567'), '12:30:45.1234567');
  t.throws(() => into('time(7)')(86_400_000), { message: /time of day/ });
  t.throws(() => into('time(7)')('24:00:00'), { message: /time of day/ });
});

t.test('the types of before 2008 have their own bounds, and go by way of datetime2', async (t) => {
  t.equal(into('datetime')(at), '2024-07-01T12:30:45.123');
  t.equal(columnWriter(column('c', 'datetime'), zonesOf()).via, 'datetime2(7)');
  t.throws(() => into('datetime')('1752-12-31'), { message: /out of range/ });
  t.throws(() => into('smalldatetime')('2079-06-07'), { message: /out of range/ });
});

t.test('what is no time is refused', async (t) => {
  for (const value of [
    '2024-02-30',
    '2024-13-01',
    '2024-07-01T25:00:00Z',
    'now',
    '',
    1.5,
    new Date(Number.NaN),
    true,
    {},
  ])
    t.throws(() => into('datetime2(7)')(value), { message: /Column c \(datetime2\(7\)\): .* is not a time/ });
  t.throws(() => into('datetime2(7)')(new Date('+010000-01-01T00:00:00Z')), { message: /out of range/ });
  t.throws(() => into('datetime2(7)')(8.64e15), { message: /out of range/ });
  t.throws(() => into('datetime2(7)', zonesOf('Europe/Zurich'))('9999-12-31T23:59:59Z'), { message: /out of range/ });
});

t.test('micro- and nanoseconds since the epoch become times with all digits that SQL Server keeps', async (t) => {
  t.equal(epochTime(1_719_837_045_123_456, 'microseconds'), '2024-07-01T12:30:45.1234560Z');
  t.equal(epochTime(1719837045123456789n, 'nanoseconds'), '2024-07-01T12:30:45.1234567Z');
  t.equal(epochTime('1719837045123456', 'microseconds'), '2024-07-01T12:30:45.1234560Z');
  t.equal(epochTime(-1, 'microseconds'), '1969-12-31T23:59:59.9999990Z');
  for (const value of ['x', 1.5, null, {}, 2n ** 80n]) t.equal(epochTime(value, 'microseconds'), undefined);
});
