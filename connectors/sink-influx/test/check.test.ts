import { parseConfig } from '@tributary/api';
import { runSink } from '@tributary/api/testing';
import { freePorts, type InfluxdbAddress, LOOPBACK, sharedInfluxdb, skipUnlessAvailable } from '@tributary/services';
import influxSink from '@tributary/sink-influx';
import t from 'tap';
import { api, newBucket } from './support/bucket.ts';

const skip = await skipUnlessAvailable('influxdb');

type Props = Readonly<Record<string, string>>;

/** What config/validate would show, by key. */
async function problems(props: Props): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  const { config } = parseConfig(influxSink.config, props);
  await influxSink.validate!(
    config,
    (key, message) => {
      found[key] = message;
    },
    new AbortController().signal,
    props,
  );
  return found;
}

/** A token that may only write to the bucket, and one that may only read it. */
async function tokens(server: InfluxdbAddress, bucketId: string): Promise<Record<'write' | 'read', string>> {
  const orgID = (await api(server, 'GET', '/api/v2/orgs')).orgs[0].id;
  const token = async (action: string): Promise<string> =>
    (
      await api(server, 'POST', '/api/v2/authorizations', {
        orgID,
        permissions: [{ action, resource: { type: 'buckets', id: bucketId, orgID } }],
      })
    ).token;
  return { write: await token('write'), read: await token('read') };
}

t.test('what is wrong with the server is shown on the right key, with the remedy', { skip }, async (t) => {
  const server = await sharedInfluxdb();
  const { props, id } = await newBucket(server);
  const { write, read } = await tokens(server, id);
  const [port] = await freePorts(1);
  t.strictSame(await problems(props), {});
  t.strictSame(await problems({ ...props, 'influxdb.token': write }), {}, 'a token that may only write is enough');
  t.match(await problems({ ...props, 'influxdb.token': read }), {
    'influxdb.token':
      /^Writing to the bucket '.*' is not allowed \(403: .*\): give influxdb.token the permission to write to it/,
  });
  t.match(await problems({ ...props, 'influxdb.token': 'wrong' }), {
    'influxdb.token': /^InfluxDB does not accept the credentials \(401/,
  });
  t.match(await problems({ ...props, 'influxdb.bucket': 'nix' }), {
    'influxdb.bucket': /^There is no bucket 'nix' in the organization/,
  });
  t.match(await problems({ ...props, 'influxdb.org': 'nix' }), { 'influxdb.org': /^There is no organization 'nix'/ });
  t.match(await problems({ ...props, 'influxdb.org': '' }), {
    'influxdb.org': /needs an organization .*set influxdb.org/,
  });
  t.match(await problems({ ...props, 'influxdb.url': `http://${LOOPBACK}:${port}` }), {
    'influxdb.url': /does not answer: .*ECONNREFUSED/,
  });
  t.match(await problems({ ...props, 'influxdb.url': 'http://no.such.host.invalid:8086' }), {
    'influxdb.url': /does not answer: .*ENOTFOUND|EAI_AGAIN/,
  });
  t.match(await problems({ ...props, 'influxdb.url': server.url.replace('http:', 'https:') }), {
    'influxdb.url': /^TLS with https:.* fails/,
  });
  t.match(await problems({ ...props, 'influxdb.bucket': '${topic}', topics: `${props['influxdb.bucket']},nix` }), {
    'influxdb.bucket': /^There is no bucket 'nix'/,
  });
});

t.test('the same is what a running task says, which waits for the bucket to come back', { skip }, async (t) => {
  const server = await sharedInfluxdb();
  const { props, id } = await newBucket(server);
  const sink = await runSink(influxSink, { ...props, topics: 'm' });
  await api(server, 'DELETE', `/api/v2/buckets/${id}`);
  await t.rejects(sink.put([{ topic: 'm', value: { x: 1 }, timestamp: 1_700_000_000_000 }]), {
    name: 'RetriableError',
    message: /There is no bucket '.*create it, or check influxdb.bucket/,
  });
});

t.test('a database of InfluxDB 1 is written to with its own way', { skip }, async (t) => {
  const server = await sharedInfluxdb();
  const bucket = await newBucket(server);
  const orgID = (await api(server, 'GET', '/api/v2/orgs')).orgs[0].id;
  const database = `db-${bucket.name}`;
  await api(server, 'POST', '/api/v2/dbrps', {
    orgID,
    bucketID: bucket.id,
    database,
    retention_policy: 'week',
    default: true,
  });
  const { 'influxdb.url': url, 'influxdb.token': token } = bucket.props;
  const props = {
    'influxdb.url': url!,
    'influxdb.token': token!,
    'influxdb.database': database,
    'influxdb.retention.policy': 'week',
    topics: 'm',
  };
  for (const [i, precision] of ['ns', 'us', 'ms', 's'].entries()) {
    const sink = await runSink(influxSink, { ...props, 'timestamp.precision': precision });
    await sink.put([{ topic: 'm', value: { x: i }, timestamp: 1_700_000_000_000 + i * 1000 }]);
    await sink.close();
  }
  t.strictSame(
    (await bucket.fields()).map(({ time, value }) => [time, value]),
    [0, 1, 2, 3].map((i) => [`2023-11-14T22:13:2${i}Z`, i]),
  );
  t.match(await problems({ ...props, 'influxdb.database': 'nix' }), {
    'influxdb.database': /^There is no database 'nix'/,
  });
  t.match(await problems({ ...props, 'influxdb.username': 'me', 'influxdb.password': 'no' }), {
    'influxdb.username': /does not accept the credentials/,
  });
});
