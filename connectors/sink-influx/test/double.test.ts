import { runSink, type SinkRecordInput } from '@tributary/api/testing';
import { selfSigned } from '@tributary/services';
import influxSink from '@tributary/sink-influx';
import t from 'tap';
import { type DoubleAnswer, double } from './support/double.ts';

const topic = 'm';
const STORED: DoubleAnswer = { status: 204 };
const records = (count: number): SinkRecordInput[] =>
  Array.from({ length: count }, (_, i) => ({ topic, value: { n: i }, timestamp: 1_700_000_000_000 + i }));
const sinkAt = (url: string, props: Readonly<Record<string, string>> = {}) =>
  runSink(influxSink, {
    'influxdb.url': url,
    'influxdb.bucket': 'b',
    'influxdb.org': 'o',
    'influxdb.token': 'secret',
    topics: topic,
    ...props,
  });
const pauses = (requests: ReadonlyArray<{ kind: string }>): number[] =>
  requests.flatMap((request) => ('milliseconds' in request ? [request.milliseconds as number] : []));

t.test('429 and 503 are waited out for as long as the server asks', async (t) => {
  const answers: DoubleAnswer[] = [
    {
      status: 429,
      headers: { 'retry-after': '7' },
      body: { code: 'too many requests', message: 'org is over its limit' },
    },
    { status: 503, headers: { 'retry-after': new Date(Date.now() + 60_000).toUTCString() } },
    { status: 503 },
    STORED,
  ];
  await using server = await double((_request, count) => answers[count - 1]!);
  const sink = await sinkAt(server.url);
  await t.rejects(sink.put(records(3)), {
    name: 'RetriableError',
    message: /could not take a write.*429: org is over its limit/,
  });
  await t.rejects(sink.put(records(3)), { name: 'RetriableError', message: /cannot be reached.*503/ });
  await t.rejects(sink.put(records(3)), { name: 'RetriableError' });
  await sink.put(records(3));
  await sink.close();
  const [first, second, third] = pauses(sink.requests);
  t.equal(first, 7000);
  t.ok(second! > 50_000 && second! <= 60_000, `${second}`);
  t.ok(third! < 5000, `${third}`);
  t.equal(server.writes.length, 4);
});

t.test('a server that will not stop refusing ends the task after max.retries', async (t) => {
  await using server = await double(() => ({ status: 429 }));
  const sink = await sinkAt(server.url, { 'max.retries': '2' });
  for (let i = 0; i < 2; i++) await t.rejects(sink.put(records(1)), { name: 'RetriableError' });
  await t.rejects(sink.put(records(1)), {
    name: 'FatalError',
    message: /has refused a write 3 times in a row.*max.retries=2/,
  });
});

t.test('a request that is too large is divided, and a point that is too large by itself is refused', async (t) => {
  await using server = await double(({ lines }) =>
    lines.length > 10 || lines.some((line) => line.includes(' n=77 '))
      ? { status: 413, body: { code: 'request too large', message: 'too large' } }
      : STORED,
  );
  const sink = await sinkAt(server.url);
  await sink.put(records(100));
  await sink.close();
  t.match(sink.errant, [
    { record: { offset: 77 }, error: { message: /^InfluxDB refused the point: too large \(\d+ bytes\)/ } },
  ]);
  const stored = new Set(server.writes.filter(({ lines }) => lines.length <= 10).flatMap(({ lines }) => lines));
  t.equal(stored.size, 100, 'the one that is refused among them');
});

t.test('requests hold no more lines and bytes than they may', async (t) => {
  await using server = await double(() => STORED);
  const lines = await sinkAt(server.url, { 'batch.size': '30' });
  await lines.put(records(100));
  t.strictSame(
    server.writes.map(({ lines }) => lines.length).sort((a, b) => b - a),
    [30, 30, 30, 10],
  );
  const bytes = await sinkAt(server.url, { 'batch.bytes': '300' });
  await bytes.put(records(100));
  t.ok(server.writes.slice(4).every(({ lines }) => Buffer.byteLength(lines.join('\n')) <= 300));
  await lines.close();
  await bytes.close();
});

t.test('no more requests are under way than may be, and a put is over when all are', async (t) => {
  let underWay = 0;
  let most = 0;
  const waiting: Array<() => void> = [];
  await using server = await double(async (_request, count) => {
    most = Math.max(most, ++underWay);
    // Answered when all that may be there are there.
    if (underWay < 3 && count < 10) await new Promise<void>((resolve) => waiting.push(resolve));
    else for (const release of waiting.splice(0)) release();
    underWay--;
    return STORED;
  });
  const sink = await sinkAt(server.url, { 'batch.size': '10', 'max.concurrent.requests': '3' });
  await sink.put(records(100));
  t.equal(underWay, 0);
  t.equal(most, 3);
  t.equal(server.writes.length, 10);
  await sink.close();
});

t.test(
  "InfluxDB 3's partial writes name the lines: the others are sent again, and only those are refused",
  async (t) => {
    await using server = await double(({ lines }) => {
      const wrong = lines.flatMap((line, i) => (/ n=(7|42|77) /.test(line) ? [i + 1] : []));
      if (wrong.length === 0) return STORED;
      const data = wrong.map((line_number) => ({
        original_line: lines[line_number - 1],
        line_number,
        error_message: 'invalid column type',
      }));
      return { status: 400, body: { error: 'partial write of line protocol occurred', data } };
    });
    const sink = await sinkAt(server.url);
    await sink.put(records(100));
    await sink.close();
    t.strictSame(
      sink.errant.map(({ record }) => record.offset),
      [7, 42, 77],
    );
    t.match(sink.errant[0], {
      error: { message: 'InfluxDB refused the point: partial write of line protocol occurred: invalid column type' },
    });
    t.strictSame(
      server.writes.map(({ lines }) => lines.length),
      [100, 97, 3],
    );
  },
);

t.test('an answer that names no line is divided until the culprit is found', async (t) => {
  await using server = await double(({ lines }) =>
    lines.some((line) => / n=66 /.test(line)) ? { status: 400, body: 'no' } : STORED,
  );
  const sink = await sinkAt(server.url);
  await sink.put(records(100));
  await sink.close();
  t.match(sink.errant, [{ record: { offset: 66 }, error: { message: 'InfluxDB refused the point: no' } }]);
});

t.test('requests carry the token, and are compressed when told', async (t) => {
  await using server = await double(() => STORED);
  const sink = await sinkAt(server.url, { gzip: 'true', 'influxdb.consistency.level': 'quorum' });
  await sink.put(records(200));
  await sink.close();
  t.match(server.writes, [
    {
      path: '/api/v2/write?org=o&bucket=b&precision=ns&consistency=quorum',
      authorization: 'Token secret',
      encoding: 'gzip',
    },
  ]);
  t.equal(server.writes[0]?.lines.length, 200);
  const user = await sinkAt(server.url, {
    'influxdb.bucket': '',
    'influxdb.org': '',
    'influxdb.db': 'd',
    'influxdb.username': 'me',
    'influxdb.password': 'pw',
  });
  await user.put(records(1));
  await user.close();
  t.match(server.writes[1], {
    path: '/write?db=d&precision=ns',
    authorization: `Basic ${Buffer.from('me:pw').toString('base64')}`,
    encoding: undefined,
  });
});

t.test('TLS needs an authority that is trusted', async (t) => {
  const { key, certificate } = selfSigned('a store');
  await using server = await double(() => STORED, {
    key,
    cert: certificate,
  });
  await t.rejects(sinkAt(server.url), {
    message: /^.*\nTLS with https:.* fails: .*check influxdb.ssl.truststore.location/s,
  });
  const sink = await sinkAt(server.url, { 'influxdb.ssl.truststore.certificates': certificate });
  await sink.put(records(2));
  await sink.close();
  t.equal(server.writes[0]?.lines.length, 2);
});

t.test('secrets do not show in errors', async (t) => {
  await using server = await double(() => ({ status: 401, body: { message: 'unauthorized access' } }));
  const sink = await sinkAt(server.url);
  const error = await sink.put(records(1)).catch((error: unknown) => error);
  t.match(error, { message: /check influxdb.token/ });
  t.notMatch(JSON.stringify(error) + String((error as Error).stack), /secret/);
});
