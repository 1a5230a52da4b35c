import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { exists } from '../src/cache.ts';
import { skipUnlessAvailable } from '../src/index.ts';
import { logTail, ServerProcess, ServiceStartError } from '../src/server-process.ts';
import { processExists, until } from './until.ts';

const skip = await skipUnlessAvailable('kafka');

t.test(
  'a broker dies with the process that started it, even when that is killed and the broker hangs',
  {
    skip,
  },
  async (t) => {
    const script = join(import.meta.dirname, 'parent.ts');
    const parent = spawn(process.execPath, [...process.execArgv, script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const failed = once(parent, 'exit').then(([code]) => Promise.reject(new Error(`the parent exited with ${code}`)));
    const [line] = await Promise.race([once(createInterface(parent.stdout), 'line'), failed]);
    const { pid, dataDir } = JSON.parse(line) as { pid: number; dataDir: string };
    failed.catch(() => undefined);
    t.ok(processExists(pid));
    process.kill(pid, 'SIGSTOP');
    parent.kill('SIGKILL');
    await until('the broker is gone', () => !processExists(pid));
    await until('its data is gone', async () => !(await exists(dataDir)));
  },
);

/** A shell script in the place of a server. */
function server(t: Test, script: string): ServerProcess {
  const logFile = join(t.testdir(), 'server.log');
  const started = new ServerProcess({ name: 'Example', command: 'sh', args: ['-c', script], logFile, keepAlive: true });
  t.teardown(() => started.kill());
  return started;
}

t.test('a server that ends before it is ready is an error with the end of its log', async (t) => {
  const started = server(t, 'echo out of order; exit 3');
  const error = await started.waitUntilReady(async () => false, 10_000).catch((error: unknown) => error);
  t.ok(error instanceof ServiceStartError);
  t.match(error, { message: /^Example exited with code 3 before it was ready\.\n.*server\.log\):\nout of order$/ });
});

t.test('a server that is not ready in time is killed, and the error tells its last answer', async (t) => {
  const started = server(t, 'exec sleep 1000');
  const refuse = () => Promise.reject(new Error('connection refused'));
  await t.rejects(started.waitUntilReady(refuse, 50), {
    message: /not ready after 0.05 s \(last answer: connection refused\)/,
  });
  t.notOk(processExists(started.pid));
});

t.test('a server that ignores SIGTERM is killed when its grace is over', async (t) => {
  const started = server(t, 'trap "" TERM; echo deaf; while :; do sleep 0.05; done');
  await started.waitUntilReady(async () => (await logTail(join(t.testdirName, 'server.log'))) === 'deaf', 10_000);
  await started.stop(50);
  t.equal(await started.ended, 'ended by SIGKILL');
  t.notOk(started.running);
});
