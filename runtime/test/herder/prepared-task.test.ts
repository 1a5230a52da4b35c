import t from 'tap';
import { PreparedTask } from '../../src/herder/prepared-task.ts';
import type { HostedTask } from '../../src/tasks/host.ts';

/** A hosted task that keeps what it is told. */
function hosted(told: string[]): HostedTask {
  return {
    pause: () => void told.push('pause'),
    resume: () => void told.push('resume'),
    stop: async (timeoutMs) => void told.push(`stop ${timeoutMs}`),
    metrics: () => null,
  };
}

t.test('a pause while a task is prepared is what it starts with', async (t) => {
  const told: string[] = [];
  const ready = Promise.withResolvers<void>();
  const started = Promise.withResolvers<boolean>();
  const task = new PreparedTask(
    {
      prepare: async () => {
        await ready.promise;
        return (paused) => {
          started.resolve(paused);
          return hosted(told);
        };
      },
      failed: (error) => t.fail(String(error)),
    },
    false,
  );
  task.pause();
  ready.resolve();
  t.equal(await started.promise, true);
  task.resume();
  await task.stop(7);
  t.same(told, ['resume', 'stop 7']);
});

t.test('a task that is stopped while it is prepared never starts, nor fails', async (t) => {
  for (const outcome of ['ready', 'failed']) {
    const ready = Promise.withResolvers<void>();
    let signalled = false;
    const task = new PreparedTask(
      {
        prepare: async (signal) => {
          signal.addEventListener('abort', () => {
            signalled = true;
          });
          await ready.promise;
          if (outcome === 'failed') throw new Error('not needed any longer');
          return () => t.fail('it must not start') as unknown as HostedTask;
        },
        failed: (error) => t.fail(String(error)),
      },
      false,
    );
    await task.stop(1);
    t.equal(signalled, true);
    ready.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }
});

t.test('what keeps a task from starting is told, a host that throws too', async (t) => {
  const prepared = [
    async () => {
      throw new Error('no secret');
    },
    async () => () => {
      throw new Error('no room');
    },
  ];
  for (const prepare of prepared) {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    new PreparedTask({ prepare, failed: resolve }, false);
    t.match(await promise, { message: /no (secret|room)/ });
  }
});
