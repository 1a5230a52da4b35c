import { readFile } from 'node:fs/promises';
import { runSink } from '@tributary/api/testing';
import { tick, tickRecord } from '@tributary/market';
import { sharedInfluxdb, skipUnlessAvailable } from '@tributary/services';
import influxSink from '@tributary/sink-influx';
import t from 'tap';
import { newBucket } from './support/bucket.ts';

const EXAMPLE = new URL('../../../examples/ticks-to-influxdb.json', import.meta.url);

t.test(
  'the example is short, and stores the ticks of market sources with and without schemas',
  { skip: await skipUnlessAvailable('influxdb') },
  async (t) => {
    const text = await readFile(EXAMPLE, 'utf8');
    t.ok(text.trim().split('\n').length < 15);
    const { config } = JSON.parse(text) as { config: Record<string, string> };
    const record = tickRecord(
      'ticks',
      tick({
        symbol: 'BTC-USD',
        exchange: 'coinbase',
        price: 64000.5,
        size: 0.25,
        bid: 64000,
        event_time_us: 1_700_000_000_123_456,
        sequence: 42,
      }),
    );
    for (const schemas of [true, false]) {
      const bucket = await newBucket(await sharedInfluxdb());
      const sink = await runSink(influxSink, { ...config, ...bucket.props });
      const value: unknown = schemas
        ? record.value
        : JSON.parse(JSON.stringify({ ...(record.value as object), event_time: 1_700_000_000_123 }));
      await sink.put([{ ...record, partition: 0, ...(!schemas && { value, valueSchema: null }) }]);
      await sink.close();
      const stored = await bucket.fields();
      t.strictSame(
        new Set(
          stored.map(({ measurement, tags, time }) => `${measurement} ${tags['symbol']} ${tags['exchange']} ${time}`),
        ),
        new Set(['ticks BTC-USD coinbase 2023-11-14T22:13:20.123456Z']),
      );
      t.strictSame(Object.fromEntries(stored.map(({ field, value }) => [field, value])), {
        bid: 64000,
        event_time: schemas ? 1_700_000_000_123n : 1_700_000_000_123,
        price: 64000.5,
        sequence: schemas ? 42n : 42,
        size: 0.25,
      });
    }
  },
);
