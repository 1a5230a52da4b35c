import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { skipUnlessAvailable } from '../src/index.ts';
import { aliveBrokers } from '../src/wire.ts';
import { until } from './until.ts';

const index = JSON.stringify(new URL('../src/index.ts', import.meta.url).href);
const script = `
  import { sharedKafka } from ${index};
  const [first, second] = await Promise.all([sharedKafka(), sharedKafka()]);
  process.stdout.write(first + ' ' + second);
`;
const command = [...process.execArgv, '--input-type=module', '--eval', script];

t.test('in a test run with a Kafka, that one is shared', (t) => {
  const env = { ...process.env, TRIBUTARY_TEST_KAFKA: 'kafka.example:9092' };
  const { stdout } = spawnSync(process.execPath, command, { encoding: 'utf8', env });
  t.equal(stdout, 'kafka.example:9092 kafka.example:9092');
  t.end();
});

t.test(
  'otherwise a process has one of its own, which does not keep it alive and ends with it',
  {
    skip: await skipUnlessAvailable('kafka'),
  },
  async (t) => {
    const { TRIBUTARY_TEST_KAFKA: _, ...env } = process.env;
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'], env });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      printed += text;
    });
    const [code] = await once(child, 'close');
    t.equal(code, 0);
    const [first, second] = printed.split(' ');
    t.match(first, /^127\.0\.0\.1:\d+$/);
    t.equal(second, first);
    await until('its Kafka is gone', () =>
      aliveBrokers(Number(first!.split(':')[1])).then(
        () => false,
        () => true,
      ),
    );
  },
);
