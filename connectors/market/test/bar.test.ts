import { validateValue } from '@tributary/api';
import { type Bar, barRecord, barSchema } from '@tributary/market';
import t from 'tap';

t.test('the record of a bar is keyed by symbol and carries the beginning of the interval', async (t) => {
  const value: Bar = {
    symbol: 'AAPL',
    interval: '1m',
    start: new Date(60_000),
    open: 1,
    high: 3,
    low: 0.5,
    close: 2,
    volume: 100,
    vwap: null,
    trades: 12n,
    exchange: null,
  };
  validateValue(barSchema, value);
  t.match(barRecord('bars', value), { topic: 'bars', key: 'AAPL', timestamp: 60_000, valueSchema: barSchema });
});
