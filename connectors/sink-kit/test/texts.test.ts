import { Schema } from '@tributary/api';
import { dateText, jsonText, plainText } from '@tributary/sink-kit';
import t from 'tap';

t.test('values become JSON without losing digits', async (t) => {
  const value = {
    big: 9007199254740993n,
    price: { unscaled: 1250n, scale: 2 },
    at: new Date(0),
    bytes: new Uint8Array([1, 2, 3]),
    nothing: [null, undefined, Number.POSITIVE_INFINITY],
    'a "name"': new Map<unknown, unknown>([
      [1, true],
      ['b', 'x'],
    ]),
  };
  t.equal(
    jsonText(value),
    '{"big":9007199254740993,"price":12.50,"at":"1970-01-01T00:00:00.000Z","bytes":"AQID","nothing":[null,null,null],"a \\"name\\"":{"1":true,"b":"x"}}',
  );
});

t.test('a store has the first word on what it writes otherwise, however deep it is', async (t) => {
  const minus = (value: unknown): string | undefined => (Object.is(value, -0) ? '-0' : undefined);
  t.equal(jsonText({ a: [-0, 1] }, minus), '{"a":[-0,1]}');
  t.throws(
    () =>
      jsonText([Number.NaN], () => {
        throw new Error('no text');
      }),
    { message: 'no text' },
  );
});

t.test('dates and times of day are shown as what their schema says', async (t) => {
  const at = new Date('2026-03-02T14:30:05.250Z');
  t.equal(dateText(at, null), '2026-03-02T14:30:05.250Z');
  t.equal(dateText(at, Schema.timestamp()), '2026-03-02T14:30:05.250Z');
  t.equal(dateText(at, Schema.date()), '2026-03-02');
  t.equal(dateText(at, Schema.time()), '14:30:05.250');
  t.equal(dateText(new Date('+012026-03-02T00:00:00.000Z'), Schema.date()), '+012026-03-02');
});

t.test('single values are text of their own, what consists of several and invalid dates are not', async (t) => {
  t.same(
    ['', 1.5, 9007199254740993n, false, { unscaled: 1250n, scale: 2 }].map((value) => plainText(value, null)),
    ['', '1.5', '9007199254740993', 'false', '12.50'],
  );
  t.equal(plainText(new Date(0), Schema.date()), '1970-01-01');
  t.same(
    [null, undefined, new Date(Number.NaN), new Uint8Array(1), [], {}, new Map()].map((value) =>
      plainText(value, null),
    ),
    Array(7).fill(undefined),
  );
});
