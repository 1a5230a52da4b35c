import { validateValue } from '@tributary/api';
import { dividendRecord, splitRecord } from '@tributary/market';
import t from 'tap';

t.test('dividends and splits are keyed by symbol and carry their time', async (t) => {
  const time = new Date(86_400_000);
  const records = [
    dividendRecord('dividends', { symbol: 'AAPL', time, amount: 0.26, currency: 'USD', exchange: 'NMS' }),
    splitRecord('splits', { symbol: 'AAPL', time, numerator: 4, denominator: 1, exchange: null }),
  ];
  for (const { key, timestamp, value, valueSchema } of records) {
    t.match({ key, timestamp }, { key: 'AAPL', timestamp: 86_400_000 });
    t.doesNotThrow(() => validateValue(valueSchema!, value));
  }
});
