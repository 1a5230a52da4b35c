import { influxdb } from '@tributary/services';
import type { BenchStore } from './store.ts';

const POLL_MS = 20;

export async function influxStore(): Promise<BenchStore> {
  const server = await influxdb();
  const { url, org, bucket, token } = server;
  const headers = { authorization: `Token ${token}` };

  /** InfluxQL, which costs the server less than Flux. @returns the rows of each series */
  const ask = async (query: string): Promise<readonly (readonly (string | number)[])[]> => {
    const answer = await fetch(`${url}/query?${new URLSearchParams({ db: bucket, epoch: 'u', q: query })}`, {
      headers,
    });
    if (!answer.ok) throw new Error(`InfluxDB answered ${answer.status}: ${await answer.text()}`);
    const { results } = (await answer.json()) as { results: { error?: string; series?: { values: number[][] }[] }[] };
    if (results[0]?.error) throw new Error(results[0].error);
    return (results[0]?.series ?? []).flatMap(({ values }) => values);
  };

  return {
    name: 'influxdb',
    pollMs: POLL_MS,
    usage: () => server.usage(),
    createTable: async () => undefined,
    sinkConfig: (_topic, table) => ({
      'connector.class': 'InfluxSink',
      'influxdb.url': url,
      'influxdb.org': org,
      'influxdb.bucket': bucket,
      'influxdb.token': token,
      'measurement.name.format': table,
      tags: 'value.symbol,value.exchange',
      fields: 'value.price,value.size,value.bid,value.ask,value.sequence',
      'timestamp.field': 'value.event_time_us',
      'timestamp.unit': 'us',
      'timestamp.precision': 'us',
    }),
    bare: { file: 'influx.ts', args: { url, org, bucket, token } },
    async readable(table, symbol, sinceMicros) {
      const rows = await ask(`SELECT price FROM "${table}" WHERE symbol = '${symbol}' AND time >= ${sinceMicros}u`);
      return rows.map(([time]) => Number(time));
    },
    async count(table) {
      const rows = await ask(`SELECT count(price) FROM "${table}"`);
      return Number(rows[0]?.[1] ?? 0);
    },
    async dropTable(table) {
      const range = { start: '1970-01-01T00:00:00Z', stop: '2200-01-01T00:00:00Z' };
      const answer = await fetch(`${url}/api/v2/delete?${new URLSearchParams({ org, bucket })}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ ...range, predicate: `_measurement="${table}"` }),
      });
      if (!answer.ok) throw new Error(`InfluxDB answered ${answer.status}: ${await answer.text()}`);
    },
    stop: () => server.stop(),
  };
}
