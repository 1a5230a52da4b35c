import t from 'tap';
import { exists } from '../src/cache.ts';
import { askRun, RunServices } from '../src/run-services.ts';

// The tests may themselves be part of a run.
t.beforeEach(() => {
  delete process.env.TRIBUTARY_TEST_SERVICES;
});

t.test(
  'the processes of a run share a server that is started when one asks for it, and stopped with the run',
  async (t) => {
    const events: string[] = [];
    const start = async () => {
      events.push('started');
      return { address: 'store.example:1', stop: async () => void events.push('stopped') };
    };
    const run = await RunServices.open({ store: start, unused: () => Promise.reject(new Error('started in vain')) });
    Object.assign(process.env, run.env);
    t.same(events, []);

    t.same(await Promise.all([askRun('store'), askRun('store')]), ['store.example:1', 'store.example:1']);
    t.equal(await askRun('store'), 'store.example:1');
    t.same(events, ['started']);

    await t.rejects(askRun('unused'), { message: 'started in vain' });
    await t.rejects(askRun('other'), { message: 'a test run shares no other' });

    await run.close();
    t.same(events, ['started', 'stopped']);
    t.notOk(await exists(Object.values(run.env)[0]!), 'the socket is removed');
  },
);

t.test('a process that is part of no run is told so', async (t) => {
  t.equal(await askRun('store'), undefined);
});
