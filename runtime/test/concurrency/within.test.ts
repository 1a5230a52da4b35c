import t from 'tap';
import { within } from '../../src/concurrency/within.ts';

const never = new Promise<never>(() => {});

t.test('gives what the work gives in time', async (t) => {
  t.equal(await within(60_000, Promise.resolve('done')), 'done');
});

t.test('fails as the work fails in time', async (t) => {
  await t.rejects(within(60_000, Promise.reject(new Error('refused'))), { message: 'refused' });
});

t.test('gives nothing once the time is over, and does not mind what becomes of the work', async (t) => {
  const { promise, reject } = Promise.withResolvers<string>();
  t.equal(await within(1, promise), undefined);
  reject(new Error('too late'));
});

t.test('lets go of its timer when the work is done, and keeps the process alive until then', async (t) => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  await within(60_000, Promise.resolve());
  t.equal(timers(), before);
  const waiting = within(1, never);
  t.equal(timers(), before + 1);
  await waiting;
});
