import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { skipUnlessAvailable } from '../src/index.ts';
import { aliveBrokers } from '../src/wire.ts';
import { until } from './until.ts';

const runWith = [...process.execArgv, join(import.meta.dirname, '..', 'src', 'run-with.ts')];
const { TRIBUTARY_TEST_KAFKA: _, TRIBUTARY_TEST_INFLUXDB: __, CI: ___, ...withoutKafka } = process.env;

function run(args: readonly string[], env: NodeJS.ProcessEnv) {
  return spawnSync(process.execPath, [...runWith, ...args], { encoding: 'utf8', env });
}

const portOf = (bootstrap: string) => Number(bootstrap.split(':')[1]);
const isGone = (bootstrap: string) =>
  aliveBrokers(portOf(bootstrap)).then(
    () => false,
    () => true,
  );

t.test(
  'a command runs beside a Kafka of its own, and its exit code is passed on',
  {
    skip: await skipUnlessAvailable('kafka'),
  },
  async (t) => {
    const { status, stdout } = run(['kafka', '--', 'sh', '-c', 'echo $TRIBUTARY_TEST_KAFKA; exit 7'], withoutKafka);
    t.equal(status, 7);
    t.match(stdout, /^127\.0\.0\.1:\d+\n$/);
    t.ok(await isGone(stdout.trim()), 'Kafka is stopped');
  },
);

t.test(
  'a signal reaches the command, and Kafka is stopped',
  { skip: await skipUnlessAvailable('kafka') },
  async (t) => {
    const args = [...runWith, 'kafka', '--', 'sh', '-c', 'echo $TRIBUTARY_TEST_KAFKA; exec sleep 1000'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: withoutKafka });
    const [bootstrap] = (await once(createInterface(child.stdout), 'line')) as [string];
    t.same(await aliveBrokers(portOf(bootstrap)), [1]);
    child.kill('SIGTERM');
    const [code, signal] = await once(child, 'exit');
    t.same([code, signal], [null, 'SIGTERM'], 'it ends as the command ended');
    await until('Kafka is gone', () => isGone(bootstrap));
  },
);

t.test('a Kafka that is named already is used', (t) => {
  const env = { ...withoutKafka, TRIBUTARY_TEST_KAFKA: 'kafka.example:9092' };
  t.match(run(['kafka', '--', 'sh', '-c', 'echo $TRIBUTARY_TEST_KAFKA'], env), {
    status: 0,
    stdout: 'kafka.example:9092\n',
  });
  t.end();
});

t.test(
  'the command’s processes share an InfluxDB, which is started when one asks and stopped with the command',
  { skip: await skipUnlessAvailable('influxdb') },
  async (t) => {
    const index = JSON.stringify(new URL('../src/index.ts', import.meta.url).href);
    const ask = `import { sharedInfluxdb } from ${index}; console.log((await sharedInfluxdb()).url);`;
    const conditions = process.execArgv.map((arg) => `'${arg}'`).join(' ');
    const shell = `"$0" ${conditions} --input-type=module --eval "$1"`;
    const env = { ...withoutKafka, TRIBUTARY_TEST_KAFKA: 'kafka.example:9092' };
    const command = ['sh', '-c', `${shell} && ${shell}`, process.execPath, ask];
    const { status, stdout, stderr } = run(['kafka', '--', ...command], env);
    t.equal(status, 0, stderr);
    const [first, second, ...more] = stdout.trim().split('\n');
    t.match(first, /^http:\/\/127\.0\.0\.1:\d+$/);
    t.equal(second, first);
    t.same(more, []);
    await t.rejects(fetch(`${first}/health`), 'it is stopped');
  },
);

t.test('without Java the command runs and the skipping is told, but fails on a CI machine', (t) => {
  const noJava = { ...withoutKafka, JAVA_HOME: '/nowhere' };
  const reason = /^skipped: Kafka suite needs Java 17 and Maven: \/nowhere\/bin\/java was not found\n/;
  t.match(run(['kafka', '--', 'echo', 'ran'], noJava), { status: 0, stdout: 'ran\n', stderr: reason });
  t.match(run(['kafka', '--', 'echo', 'ran'], { ...noJava, CI: 'true' }), { status: 1, stdout: '', stderr: reason });
  t.end();
});

t.test('a command that does not exist and a wrong call are told', (t) => {
  const env = { ...withoutKafka, TRIBUTARY_TEST_KAFKA: 'kafka.example:9092' };
  t.match(run(['kafka', '--', 'no-such-command'], env), { status: 127, stderr: /no-such-command could not be run/ });
  t.match(run(['cassandra', '--', 'echo'], env), { status: 2, stderr: /^usage:/ });
  t.end();
});
