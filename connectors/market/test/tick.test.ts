import { validateValue } from '@tributary/api';
import { tick, tickRecord, tickSchema } from '@tributary/market';
import t from 'tap';

t.test('a tick is completed from what the feed says', async (t) => {
  const event_time = new Date('2026-03-02T14:30:00.123Z');
  const value = tick({ symbol: 'AAPL', price: 187.5, price_text: '187.50', event_time });
  t.strictSame(value, {
    symbol: 'AAPL',
    price: 187.5,
    size: null,
    price_text: '187.50',
    size_text: null,
    bid: null,
    ask: null,
    exchange: null,
    event_time,
    event_time_us: 1_772_461_800_123_000,
    sequence: null,
    side: null,
    trade_id: null,
    currency: null,
  });
  validateValue(tickSchema, value);
  t.strictSame(
    tickSchema.fields.map((field) => field.name),
    Object.keys(value),
    'in the order of the schema',
  );
});

t.test('either time is made of the other; microseconds are cut, not rounded', async (t) => {
  for (const event_time_us of [1_772_461_800_123_999, 1_772_461_800_123_999n]) {
    const value = tick({ symbol: 'AAPL', event_time_us });
    t.equal(value.event_time.toISOString(), '2026-03-02T14:30:00.123Z');
    t.equal(value.event_time_us, event_time_us);
  }
});

t.test('the record of a tick is keyed by symbol and carries the time of the tick', async (t) => {
  const value = tick({ symbol: 'BTC-USD', price: 1, event_time: new Date(5) });
  t.match(tickRecord('ticks', value), {
    topic: 'ticks',
    key: 'BTC-USD',
    keySchema: { type: 'string' },
    value,
    valueSchema: { name: 'tributary.market.Tick', version: 2 },
    timestamp: 5,
  });
});
