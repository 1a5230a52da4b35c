import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import type { LeveledLogger } from '../../src/logging/loggers.ts';
import type { FromTask, TaskStart, ToTask } from '../../src/tasks/isolated/messages.ts';
import type { PlaceOptions } from '../../src/tasks/isolated/place.ts';
import { IsolatedTask, type TaskLimits } from '../../src/tasks/isolated/task.ts';
import { testLogger } from '../support/logger.ts';

const LOGGER: LeveledLogger = { ...testLogger, level: 'INFO', onLevel: () => () => {} };

/** A task in a place that does only what the test says. */
function scene(limits: Partial<TaskLimits>) {
  const [told, states]: [ToTask[], string[]] = [[], []];
  let place: PlaceOptions | undefined;
  let resident = 0;
  const task = new IsolatedTask({
    open: (options) => {
      place = options;
      return {
        tell: (message) => told.push(message),
        end: async () => void options.onEnd('ended'),
        memoryBytes: async () => resident,
      };
    },
    start: {} as TaskStart,
    served: null,
    limits: { memoryMaxBytes: null, unresponsiveTimeoutMs: 0, ...limits },
    listener: {
      running: () => states.push('RUNNING'),
      paused: () => states.push('PAUSED'),
      failed: (trace) => states.push(`FAILED: ${trace}`),
      topic: () => {},
      mayWrite: async () => true,
    },
    logs: { log: LOGGER, pluginLog: LOGGER },
    onEnd: () => {},
  });
  return {
    task,
    told,
    states,
    ends: () => place!.onEnd('ended'),
    hears: (message: FromTask) => place!.onMessage(message),
    holds: (bytes: number) => {
      resident = bytes;
    },
  };
}

t.test(
  'a task that runs and then says nothing for the timeout fails; time in which nobody listened does not count',
  (t) => {
    const { task, states, hears } = scene({ unresponsiveTimeoutMs: 2_000 });
    hears({ type: 'running' });
    for (let look = 0; look < 10; look++) {
      hears({ type: 'alive' });
      for (let silent = 0; silent < 3; silent++) task.look(500);
    }
    t.same(states, ['RUNNING']);
    task.look(500);
    t.match(states[1], /^FAILED: The task has not answered for 2000 ms/);
    t.end();
  },
);

t.test('until it runs it has a minute more, since it loads code', (t) => {
  const { task, states, hears } = scene({ unresponsiveTimeoutMs: 2_000 });
  hears({ type: 'alive' });
  for (let looks = 0; looks < 123; looks++) task.look(500);
  t.same(states, []);
  task.look(500);
  t.match(states, [/^FAILED: The task has not answered/]);
  t.end();
});

t.test('a task in a place that is too large fails, once', async (t) => {
  const { task, states, holds, hears, told } = scene({ memoryMaxBytes: 1_000 });
  holds(1_000);
  task.look(500);
  await setImmediate();
  t.same(states, []);
  holds(1_001);
  task.look(500);
  task.look(500);
  await setImmediate();
  hears({ type: 'running' });
  task.pause();
  t.equal(states.length, 1);
  t.match(states[0], /^FAILED: The task has 1001 bytes in memory, more than task.memory.max.bytes=1000/);
  t.same(told, [], 'nothing is asked of it any longer');
});

t.test('a task that ends without a word has failed, unless it was told to stop', async (t) => {
  const [sudden, told] = [scene({}), scene({})];
  sudden.ends();
  t.same(sudden.states, ['FAILED: ended']);
  const stopping = told.task.stop(60_000);
  told.ends();
  await stopping;
  t.same(told.states, []);
  t.same(told.told, [{ type: 'stop', timeoutMs: 60_000 }]);
});
