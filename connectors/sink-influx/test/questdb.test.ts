import { runSink } from '@tributary/api/testing';
import { tick, tickRecord } from '@tributary/market';
import { questdb, skipUnlessAvailable } from '@tributary/services';
import influxSink from '@tributary/sink-influx';
import t from 'tap';

/**
 * A store that takes writes as InfluxDB does, where there is no InfluxDB: what it can show are requests, types and microseconds. It checks no
 * token, knows no unsigned integers, and keeps points of equal time and tags side by side.
 */
const skip = await skipUnlessAvailable('questdb');

async function select(url: string, query: string): Promise<unknown[][]> {
  const response = await fetch(`${url}/exec?${new URLSearchParams({ query })}`);
  const { dataset, error } = (await response.json()) as { dataset?: unknown[][]; error?: string };
  if (!dataset) throw new Error(`${query}: ${error}`);
  return dataset;
}

t.test('ticks are written to QuestDB, by either way of writing, and what it refuses is named', { skip }, async (t) => {
  await using server = await questdb();
  const ways = [
    ['v2', { 'influxdb.bucket': 'b', 'influxdb.org': 'o' }],
    ['v1', { 'influxdb.database': 'd' }],
  ] as const;
  for (const [topic, way] of ways) {
    const sink = await runSink(influxSink, {
      'influxdb.url': server.url,
      ...way,
      topics: topic,
      tags: 'symbol,exchange',
      'timestamp.field': 'event_time_us',
      'timestamp.unit': 'us',
      'timestamp.precision': 'us',
    });
    const at = 1_700_000_000_123_456;
    const records = Array.from({ length: 1000 }, (_, i) => ({
      ...tickRecord(
        topic,
        tick({ symbol: 'A', exchange: 'X', price: i / 4, sequence: i, price_text: `é"${i}`, event_time_us: at + i }),
      ),
      partition: 0,
    }));
    await sink.put(records);
    await sink.put([{ topic, value: { symbol: 'A', price: 'cheap', event_time_us: at }, offset: 5000 }]);
    await sink.close();
    t.match(sink.errant, [
      { record: { offset: 5000 }, error: { message: /^InfluxDB refused the point: .*cast error/s } },
    ]);
    const count = `select count(), min(timestamp), max(timestamp), max(sequence) from ${topic}`;
    const signal = AbortSignal.timeout(30_000);
    let found = await select(server.url, count);
    while (found[0]?.[0] !== 1000) {
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 50));
      found = await select(server.url, count);
    }
    t.strictSame(found, [[1000, '2023-11-14T22:13:20.123456Z', '2023-11-14T22:13:20.124455Z', 999]]);
    t.strictSame(
      await select(server.url, `select symbol, exchange, price, price_text from ${topic} where sequence = 7`),
      [['A', 'X', 1.75, 'é"7']],
    );
  }
});
