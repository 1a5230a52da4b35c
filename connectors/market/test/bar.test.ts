import { validateValue } from '@tributary/api';
import { bar, barRecord, barSchema } from '@tributary/market';
import t from 'tap';

t.test('the record of a bar is keyed by symbol and carries the beginning of the interval', async (t) => {
  const value = bar({
    symbol: 'AAPL',
    interval: '1m',
    start: new Date(60_000),
    open: 1,
    high: 3,
    low: 0.5,
    close: 2,
    volume: 100,
    trades: 12n,
    currency: 'USD',
    end: new Date(120_000),
    final: true,
  });
  validateValue(barSchema, value);
  t.match(barRecord('bars', value), { topic: 'bars', key: 'AAPL', timestamp: 60_000, valueSchema: barSchema });
});

t.test('what the feed does not say of a bar is null', async (t) => {
  const value = bar({ symbol: 'AAPL', interval: '1d', start: new Date(0) });
  validateValue(barSchema, value);
  t.match(value, { open: null, exchange: null, end: null, final: null, adjusted_close: null });
  t.strictSame(
    Object.keys(value),
    barSchema.fields!.map((field) => field.name),
    'in the order of the schema',
  );
});
