import { runSink } from '@tributary/api/testing';
import influxSink from '@tributary/sink-influx';
import t from 'tap';
import manifest from '../package.json' with { type: 'json' };
import { settings } from './support/lines.ts';

t.test('the package lists the connector as the connector describes itself', async (t) => {
  const { class: className, aliases, version, kind } = influxSink;
  t.strictSame(manifest.tributary.plugins, [
    { kind, class: className, aliases, version, module: '.', export: 'default' },
  ]);
});

t.test('what is wrong with a config is told on its key, with the remedy', async (t) => {
  const cases: ReadonlyArray<readonly [Readonly<Record<string, string>>, RegExp]> = [
    [{ 'influxdb.url': 'localhost:8086' }, /^influxdb.url: 'localhost:8086' is no URL of InfluxDB: write http:/],
    [{ 'influxdb.url': 'http://me:secret@x' }, /^influxdb.url: Credentials do not belong into the URL/],
    [{ 'influxdb.bucket': '' }, /^influxdb.bucket: Set influxdb.bucket, or influxdb.database/],
    [{ 'influxdb.database': 'd' }, /^influxdb.database: Set either influxdb.bucket or influxdb.database/],
    [{ 'influxdb.username': 'me' }, /^influxdb.username: Buckets are written to with influxdb.token/],
    [{ tags: 'value.a AS time' }, /^tags: 'value.a AS time': 'time' is InfluxDB's own/],
    [{ tags: 'a,header.a' }, /^tags: 'header.a' and 'a' would both be called 'a': rename one with AS/],
    [{ tags: 'a', fields: 'b AS a' }, /^fields: 'b AS a' and 'a' would both be called 'a'/],
    [{ tags: 'a\\' }, /^tags: The name of the tag 'a\\' ends with a backslash/],
    [{ tags: 'header' }, /^tags: 'header' names no header/],
    [{ fields: 'value.* AS x' }, /^fields: 'value.\* AS x' cannot be renamed/],
    [{ fields: '' }, /^fields: A point needs a field/],
    [{ 'measurement.name.format': '${header}' }, /^measurement.name.format: 'header' names no header/],
    [{ 'timestamp.field': '__topic.x' }, /^timestamp.field: '__topic.x' cannot be read/],
    [
      { 'fields.integer': 'a', 'fields.float': 'a' },
      /^fields.integer: 'a' stands in fields.integer and in fields.float/,
    ],
    [{ 'points.unique': 'time', 'timestamp.precision': 'ms' }, /^points.unique: points.unique=time needs digits below/],
    [
      { 'influxdb.url': 'https://x', 'influxdb.ssl.truststore.location': '/no/such/file' },
      /^influxdb.ssl.truststore.location: Invalid value \/no\/such\/file/,
    ],
  ];
  for (const [props, expected] of cases) {
    const found = settings(props);
    t.match(Array.isArray(found) ? found : ['no error'], [expected], JSON.stringify(props));
  }
});

t.test("the keys of Confluent's sink for a database are understood", async (t) => {
  const found = settings({
    'influxdb.bucket': '',
    'influxdb.db': 'metrics',
    'influxdb.username': 'me',
    'influxdb.password': 'secret',
    'influxdb.gzip.enable': 'true',
    'influxdb.consistency.level': 'ONE',
    'event.time.fieldname': 'at',
  });
  t.match(found, {
    target: { kind: 'database', name: 'metrics', consistency: 'one' },
    server: { user: { name: 'me', password: 'secret' }, gzip: true },
  });
});

t.test('keys that only other sinks have are named in the log', async (t) => {
  const unchecked = { ...influxSink, validate: () => {} };
  const run = await runSink(unchecked, {
    'influxdb.url': 'http://127.0.0.1:1',
    'influxdb.bucket': 'b',
    'influxdb.org': 'o',
    'influxdb.token': 't',
    'connect.influx.kcql': 'INSERT INTO m SELECT * FROM t',
  });
  await run.close();
  t.match(
    run.log.map(({ level, message }) => [level, message]),
    [['warn', /passed over: connect\.influx\.kcql\./]],
  );
});
