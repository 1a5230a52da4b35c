import t from 'tap';
import { ByteBudget } from '../../src/tasks/budget.ts';

t.test('those who fit get in at once, others wait in line', async (t) => {
  const budget = new ByteBudget(100);
  t.equal(budget.acquire(60), undefined);
  const order: number[] = [];
  const second = budget.acquire(60)!.then(() => order.push(2));
  const third = budget.acquire(10)!.then(() => order.push(3));
  t.equal(budget.used, 60, 'a small one does not overtake');
  budget.release(60);
  await Promise.all([second, third]);
  t.same(order, [2, 3]);
  t.equal(budget.used, 70);
});

t.test('one that is larger than the whole gets in when it is alone', async (t) => {
  const budget = new ByteBudget(100);
  t.equal(budget.acquire(1), undefined);
  const large = budget.acquire(1_000)!;
  budget.release(1);
  await large;
  t.equal(budget.used, 1_000);
});

t.test('an abort ends the wait and lets the next one in', async (t) => {
  const budget = new ByteBudget(100);
  void budget.acquire(90);
  const controller = new AbortController();
  const waiting = budget.acquire(50, controller.signal)!;
  const next = budget.acquire(10)!;
  controller.abort(new Error('stop'));
  await t.rejects(waiting, { message: 'stop' });
  await next;
  t.equal(budget.used, 100);
});
