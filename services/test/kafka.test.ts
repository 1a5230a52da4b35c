import { once } from 'node:events';
import { createServer } from 'node:net';
import t from 'tap';
import { exists } from '../src/cache.ts';
import { freePorts, kafka, LOOPBACK, ServiceStartError, skipUnlessAvailable } from '../src/index.ts';
import { aliveBrokers } from '../src/wire.ts';
import { read, write } from './topic.ts';
import { processExists } from './until.ts';

const skip = await skipUnlessAvailable('kafka');
// A killed broker can register again only when its session has ended, by default after 9 s.
const shortSession = { 'broker.session.timeout.ms': 2_000, 'broker.heartbeat.interval.ms': 250 };

t.test('a broker is ready when kafka() resolves, and stop() leaves nothing behind', { skip }, async (t) => {
  const broker = await kafka({ jit: 'quick' });
  t.same(await aliveBrokers(broker.brokers[0]!.port), [1]);
  t.match(broker.bootstrap, /^127\.0\.0\.1:\d+$/);
  if (process.platform === 'linux') t.ok(broker.brokers[0]!.usage()!.peakRssBytes > 50_000_000);
  await broker.stop();
  t.notOk(processExists(broker.pid));
  t.notOk(await exists(broker.dataDir), 'the data folder is removed');
});

t.test('a broker keeps its records over a kill and over an orderly restart, on the same port', { skip }, async (t) => {
  await using broker = await kafka({ jit: 'quick', properties: shortSession });
  const { bootstrap, pid } = broker;
  await write(bootstrap, 'prices', 'before the kill');

  await broker.kill();
  t.notOk(processExists(pid));
  await broker.restart();
  t.equal(broker.bootstrap, bootstrap);
  t.not(broker.pid, pid);
  await write(bootstrap, 'prices', 'after the kill');

  await broker.restart();
  t.same(await read(bootstrap, 'prices'), ['before the kill', 'after the kill']);
});

t.test('a broker that cannot start is an error that ends with its log', { skip }, async (t) => {
  const error = await kafka({ jit: 'quick', properties: { 'background.threads': 'many' } }).then(
    () => t.fail('it started'),
    (error: Error) => error,
  );
  t.match((error as Error).message, /background\.threads: Not a number/);
  const late = kafka({ jit: 'quick', properties: { 'authorizer.class.name': 'no.such.Authorizer' } });
  await t.rejects(late, ServiceStartError);
  await t.rejects(late, /no\.such\.Authorizer/);
});

t.test('a given port that is in use is named', async (t) => {
  const [port] = await freePorts(1);
  const holder = createServer().listen(port, LOOPBACK);
  t.teardown(() => holder.close());
  await once(holder, 'listening');
  await t.rejects(kafka({ port: port! }), { message: `Kafka cannot listen on port ${port}: it is in use` });
});
