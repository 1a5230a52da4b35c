import { type InfluxdbAddress, influxdb } from './influxdb.ts';
import { askRun } from './run-services.ts';

/** Names an InfluxDB to use instead of one that a test run or process starts. */
const VARIABLE = 'TRIBUTARY_TEST_INFLUXDB';

let own: Promise<InfluxdbAddress> | undefined;

/**
 * An InfluxDB for tests: `$TRIBUTARY_TEST_INFLUXDB` (`http://token@host:port/org/bucket`), else the one of the test run, else one
 * of this process's own; started at the first call, and ended with the run or the process. Others may use it at the same time: give measurements names of their own, or make a
 * bucket.
 */
export function sharedInfluxdb(): Promise<InfluxdbAddress> {
  const given = process.env[VARIABLE];
  if (given) return Promise.resolve(influxdbAddress(given));
  own ??= askRun('influxdb').then((address) =>
    address === undefined ? influxdb({ keepAlive: false }) : influxdbAddress(address),
  );
  return own;
}

/** Its address in one text, as the environment variable has it. */
export function influxdbText({ url, org, bucket, token }: InfluxdbAddress): string {
  const address = new URL(`/${encodeURIComponent(org)}/${encodeURIComponent(bucket)}`, url);
  address.username = encodeURIComponent(token);
  return address.href;
}

function influxdbAddress(text: string): InfluxdbAddress {
  const url = URL.parse(text);
  const [org, bucket, ...rest] = (url?.pathname.split('/').slice(1) ?? []).map(decodeURIComponent);
  if (!url?.username || !org || !bucket || rest.length > 0) {
    throw new Error(`an InfluxDB's address (${VARIABLE}) is http://token@host:port/org/bucket`);
  }
  return { url: url.origin, org, bucket, token: decodeURIComponent(url.username) };
}
