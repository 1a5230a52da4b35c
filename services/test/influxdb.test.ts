import t from 'tap';
import { exists } from '../src/cache.ts';
import { type InfluxdbAddress, influxdb, sharedInfluxdb, skipUnlessAvailable } from '../src/index.ts';
import { influxdbText } from '../src/shared-influxdb.ts';
import { processExists } from './until.ts';

const skip = await skipUnlessAvailable('influxdb');

/** Writes a point in line protocol. */
async function write({ url, org, bucket, token }: InfluxdbAddress, line: string): Promise<number> {
  const query = new URLSearchParams({ org, bucket, precision: 'ms' });
  const headers = { authorization: `Token ${token}` };
  const response = await fetch(`${url}/api/v2/write?${query}`, { method: 'POST', body: line, headers });
  await response.arrayBuffer();
  return response.status;
}

/** The values of all points, as InfluxDB's CSV has them. */
async function read({ url, org, bucket, token }: InfluxdbAddress): Promise<string[]> {
  const response = await fetch(`${url}/api/v2/query?${new URLSearchParams({ org })}`, {
    method: 'POST',
    headers: { authorization: `Token ${token}`, 'content-type': 'application/vnd.flux', accept: 'application/csv' },
    body: `from(bucket: "${bucket}") |> range(start: 0) |> keep(columns: ["_value"])`,
  });
  const lines = (await response.text()).split('\r\n').filter((line) => line !== '');
  return lines.slice(1).map((line) => line.split(',').at(-1)!);
}

t.test(
  'an InfluxDB takes points when influxdb() resolves, and keeps them over a kill and a restart',
  { skip },
  async (t) => {
    const server = await influxdb({ org: 'desk', bucket: 'prices', token: 'secret' });
    t.match(server, { url: `http://127.0.0.1:${server.port}`, org: 'desk', bucket: 'prices', token: 'secret' });
    t.equal(await write(server, 'price value=100.5 1700000000000'), 204);
    t.equal(await write({ ...addressOf(server), token: 'wrong' }, 'price value=1 1700000000001'), 401);

    const { pid, url } = server;
    await server.kill();
    t.notOk(processExists(pid));
    await server.restart();
    t.equal(server.url, url);
    t.same(await read(server), ['100.5']);

    await server.restart();
    t.same(await read(server), ['100.5']);
    await server.stop();
    t.notOk(processExists(server.pid));
    t.notOk(await exists(server.dataDir), 'the data folder is removed');
  },
);

t.test('a data folder is taken up again', { skip }, async (t) => {
  const dataDir = t.testdir();
  const first = await influxdb({ dataDir });
  t.equal(await write(first, 'price value=1 1700000000000'), 204);
  await first.stop();
  await using second = await influxdb({ dataDir });
  t.same(await read(second), ['1']);
});

t.test('an address in the environment is used', async (t) => {
  t.teardown(() => delete process.env.TRIBUTARY_TEST_INFLUXDB);
  const address = { url: 'http://influx.example:8086', org: 'a desk/1', bucket: 'ticks', token: 't:k@n==' };
  process.env.TRIBUTARY_TEST_INFLUXDB = influxdbText(address);
  t.same(await sharedInfluxdb(), address);
  process.env.TRIBUTARY_TEST_INFLUXDB = 'http://influx.example:8086/ticks';
  t.throws(() => sharedInfluxdb(), { message: /http:\/\/token@host:port\/org\/bucket/ });
});

function addressOf({ url, org, bucket, token }: InfluxdbAddress): InfluxdbAddress {
  return { url, org, bucket, token };
}
