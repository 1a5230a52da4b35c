import { randomUUID } from 'node:crypto';
import type { InfluxdbAddress } from '@tributary/services';

/** A field of a point as InfluxDB gives it back: times with all digits, integers as bigints. */
export interface StoredField {
  readonly measurement: string;
  readonly field: string;
  readonly value: unknown;
  readonly time: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A bucket of a test's own. */
export interface Bucket {
  readonly id: string;
  readonly name: string;
  /** The keys that lead there. */
  readonly props: Readonly<Record<string, string>>;
  /** All that is stored, by measurement, tags, time and field. */
  fields(): Promise<readonly StoredField[]>;
  /** How many fields there are of each name. */
  counts(): Promise<Readonly<Record<string, number>>>;
  rows(flux: string): Promise<ReadonlyArray<Readonly<Record<string, unknown>>>>;
}

const OWN_COLUMNS = new Set(['_start', '_stop', '_time', '_value', '_field', '_measurement']);

/** @param retentionSeconds 0 keeps points forever */
export async function newBucket(server: InfluxdbAddress, retentionSeconds = 0): Promise<Bucket> {
  const { url, org, token } = server;
  const name = `b${randomUUID().slice(0, 8)}`;
  const orgID = (await api(server, 'GET', `/api/v2/orgs?org=${encodeURIComponent(org)}`)).orgs[0].id as string;
  const { id } = await api(server, 'POST', '/api/v2/buckets', {
    name,
    orgID,
    retentionRules: retentionSeconds === 0 ? [] : [{ type: 'expire', everySeconds: retentionSeconds }],
  });
  const rows = (flux: string) => queryRows(server, flux);
  return {
    id,
    name,
    rows,
    props: {
      'influxdb.url': url,
      'influxdb.org': org,
      'influxdb.bucket': name,
      'influxdb.token': token,
    },
    async fields() {
      const found = await rows(
        `from(bucket: "${name}") |> range(start: 1677-09-22T00:00:00Z, stop: 2262-04-11T00:00:00Z)`,
      );
      return found
        .map((row) => ({
          measurement: row['_measurement'] as string,
          field: row['_field'] as string,
          value: row['_value'],
          time: row['_time'] as string,
          tags: Object.fromEntries(
            Object.entries(row).filter(
              ([column, value]) => !OWN_COLUMNS.has(column) && value !== '' && value !== undefined,
            ),
          ) as Record<string, string>,
        }))
        .sort((a, b) => compare(keyOf(a), keyOf(b)));
    },
    async counts() {
      const found = await rows(
        `from(bucket: "${name}") |> range(start: 1677-09-22T00:00:00Z, stop: 2262-04-11T00:00:00Z) |> count() |> group(columns: ["_field"]) |> sum()`,
      );
      return Object.fromEntries(found.map((row) => [row['_field'] as string, Number(row['_value'])]));
    },
  };
}

const keyOf = ({ measurement, tags, time, field }: StoredField): string =>
  JSON.stringify([measurement, Object.entries(tags).sort(), allDigits(time), field]);
/** InfluxDB leaves out zeros at the end. */
const allDigits = (time: string): string =>
  time.replace(/(?:\.(\d+))?Z$/, (_, fraction = '') => `.${fraction.padEnd(9, '0')}`);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  long: BigInt,
  unsignedLong: BigInt,
  double: Number,
  boolean: (text) => text === 'true',
};

/** Rows of a query, with their values as exact as InfluxDB tells them. */
async function queryRows(server: InfluxdbAddress, query: string): Promise<Array<Record<string, unknown>>> {
  const response = await fetch(`${server.url}/api/v2/query?${new URLSearchParams({ org: server.org })}`, {
    method: 'POST',
    headers: {
      authorization: `Token ${server.token}`,
      'content-type': 'application/json',
      accept: 'application/csv',
      'accept-encoding': 'identity',
    },
    body: JSON.stringify({ query, dialect: { annotations: ['datatype'], header: true } }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${query}: ${response.status} ${text}`);
  const rows: Array<Record<string, unknown>> = [];
  let types: readonly string[] = [];
  let names: readonly string[] | null = null;
  for (const cells of csv(text)) {
    if (cells.length === 1) continue;
    if (cells[0] === '#datatype') {
      types = cells;
      names = null;
    } else if (names === null) names = cells;
    else {
      const labels = names;
      if (labels[1] === 'error') throw new Error(`${query}: ${cells[1]}`);
      rows.push(
        Object.fromEntries(
          // The first three are the annotation, the result and the table.
          cells.flatMap((cell, i) => (i < 3 ? [] : [[labels[i]!, PARSERS[types[i]!]?.(cell) ?? cell]])),
        ),
      );
    }
  }
  return rows;
}

/** The lines of CSV, as RFC 4180 has it. */
function* csv(text: string): Generator<readonly string[]> {
  let cells: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    cells.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === ',') continue;
    yield cells;
    cells = [];
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the answers of an API that the tests alone speak
export async function api(server: InfluxdbAddress, method: string, path: string, body?: unknown): Promise<any> {
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Token ${server.token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}
