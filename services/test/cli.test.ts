import { spawnSync } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { cacheFolder } from '../src/cache.ts';
import { skipUnlessAvailable } from '../src/index.ts';
import { downloaded } from '../src/maven.ts';
import { aliveBrokers } from '../src/wire.ts';
import { until } from './until.ts';

const script = join(import.meta.dirname, '..', 'src', 'cli.ts');
const cache = t.testdir();

function services(...args: string[]) {
  const env = { ...process.env, TRIBUTARY_CACHE: cache };
  return spawnSync(process.execPath, [...process.execArgv, script, ...args], { encoding: 'utf8', env });
}

t.test(
  'up starts a Kafka that outlives the command, status tells of it, down stops it',
  {
    skip: await skipUnlessAvailable('kafka'),
  },
  async (t) => {
    // The states go to a cache of this test, the jars come from the real one.
    await downloaded('kafka');
    await mkdir(cache, { recursive: true });
    await symlink(join(cacheFolder(), 'java'), join(cache, 'java'));
    t.teardown(() => services('down'));

    const up = services('up', 'kafka', '--port', '0', '--set', 'num.partitions=3');
    t.match(up, { status: 0, stdout: /^127\.0\.0\.1:\d+\n$/, stderr: '' });
    const bootstrap = up.stdout.trim();
    const port = Number(bootstrap.split(':')[1]);
    t.same(await aliveBrokers(port), [1]);
    t.match(services('status').stdout, new RegExp(`^kafka +up +pid \\d+ +${bootstrap} +/.*server\\.log\n$`));
    t.match(services('up', 'kafka', '--port', '0'), { status: 1, stderr: `kafka is up already, on ${bootstrap}\n` });

    t.match(services('down', 'kafka'), { status: 0, stdout: 'kafka stopped\n' });
    await t.rejects(aliveBrokers(port));
    t.equal(services('status').stdout, 'nothing is up\n');

    const second = services('up', 'kafka', '--port', '0', '--name', 'second');
    t.equal(second.status, 0, second.stderr);
    const supervisor = Number(/pid (\d+)/.exec(services('status').stdout)![1]);
    process.kill(supervisor, 'SIGKILL');
    await until('its Kafka is gone', () =>
      aliveBrokers(Number(second.stdout.trim().split(':')[1])).then(
        () => false,
        () => true,
      ),
    );
    t.match(services('status').stdout, /^second +ended/);
    t.match(services('down'), { status: 0, stdout: 'second had ended already\n' });
  },
);

t.test(
  'a Kafka that cannot start is told with its log, and is not up',
  {
    skip: await skipUnlessAvailable('kafka'),
  },
  (t) => {
    const failed = services('up', 'kafka', '--port', '0', '--set', 'background.threads=many');
    t.match(failed, { status: 1, stderr: /background\.threads: Not a number/ });
    t.equal(services('status').stdout, 'nothing is up\n');
    t.end();
  },
);

t.test('wrong calls are told', (t) => {
  t.match(services('--help'), { status: 0, stdout: /usage: npm run services/ });
  t.equal(services().status, 2);
  for (const wrong of [
    ['start'],
    ['up'],
    ['up', 'oracle'],
    ['up', 'kafka', '--brokers', '2'],
    ['up', 'kafka', '--port', 'x'],
    ['up', 'kafka', '--set', 'novalue'],
    ['up', 'kafka', '--bootstrap', 'localhost:9092'],
    ['build'],
    ['build', 'kafka'],
    ['up', 'kafka', '--auth'],
    ['up', 'cassandra', '--brokers', '1'],
    ['up', 'kafka', '--nonsense'],
    ['status', '--port', '1'],
  ]) {
    t.match(services(...wrong), { status: 2, stderr: /--help tells more/ }, wrong.join(' '));
  }
  t.match(services('up', 'connect'), { status: 1, stderr: /no Kafka is up/ });
  t.match(services('down', 'kafka'), { status: 1, stderr: 'not up: kafka\n' });
  t.end();
});
