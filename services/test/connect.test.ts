import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { connect, sharedKafka, skipUnlessAvailable } from '../src/index.ts';
import { read } from './topic.ts';
import { processExists, until } from './until.ts';

const skip = await skipUnlessAvailable('connect');
// Spares the worker a scan of the whole class path: it is ready in half the time. The session is the shortest
// that the broker allows: a killed worker counts as a member of its group until it is over.
const workerProps = { 'plugin.discovery': 'service_load', 'session.timeout.ms': 6_000, 'heartbeat.interval.ms': 1_000 };

/** A file source whose one line goes to a topic of its own. */
async function fileSource(t: Test, line: string) {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-connect-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'lines.txt');
  await writeFile(file, `${line}\n`);
  const topic = `connect-test-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const config = {
    'connector.class': 'FileStreamSource',
    file,
    topic,
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  };
  return { topic, config };
}

t.test('a distributed worker answers REST, runs its connectors and comes back with them', { skip }, async (t) => {
  const bootstrap = await sharedKafka();
  const { topic, config } = await fileSource(t, 'one line');
  await using worker = await connect({ bootstrap, jit: 'quick', workerProps, connectors: { lines: config } });
  t.match(await (await fetch(worker.url)).json(), { version: '4.1.0' });
  await until('the line is in the topic', async () => (await read(bootstrap, topic)).includes('one line'));

  await worker.kill();
  await worker.restart();
  await until('the connector is known again', async () => {
    const names = await (await fetch(`${worker.url}/connectors`)).json();
    return Array.isArray(names) && names.includes('lines');
  });
});

t.test('a standalone worker runs the connectors of its command line', { skip }, async (t) => {
  const bootstrap = await sharedKafka();
  const { topic, config } = await fileSource(t, 'one line');
  const worker = await connect({
    bootstrap,
    mode: 'standalone',
    jit: 'quick',
    workerProps,
    connectors: { lines: config },
  });
  t.same(await (await fetch(`${worker.url}/connectors`)).json(), ['lines']);
  await until('the line is in the topic', async () => (await read(bootstrap, topic)).includes('one line'));
  await worker.stop();
  t.notOk(processExists(worker.pid));
  if (process.platform === 'linux') {
    t.ok(worker.usage()!.cpuSeconds > 0.5, 'CPU time can be read after the end');
    t.ok(worker.usage()!.peakRssBytes > 50_000_000, 'and the most memory it had');
  }
});

t.test('a connector that the worker refuses is an error with its answer', { skip }, async (t) => {
  const bootstrap = await sharedKafka();
  const connectors = { lines: { 'connector.class': 'NoSuchSource' } };
  await t.rejects(connect({ bootstrap, jit: 'quick', workerProps, connectors }), {
    message: /^Kafka Connect refused connector lines: 400 .*NoSuchSource/,
  });
});
