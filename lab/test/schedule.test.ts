import t from 'tap';
import { FAULT_KINDS, type ScheduleOptions, type Stage, schedule, targetOf } from '../src/schedule.ts';

const STAGE: Stage = {
  brokers: 3,
  workers: 3,
  sources: ['one', 'two'],
  sinks: ['store'],
  maxTasks: 4,
  sessionMs: 6_000,
};

const HOUR: ScheduleOptions = { seed: 7, durationMs: 3_600_000, everyMs: 5_000 };

t.test('the same seed makes the same faults, another one others', async (t) => {
  t.same(schedule(STAGE, HOUR), schedule(STAGE, HOUR));
  t.not(JSON.stringify(schedule(STAGE, HOUR)), JSON.stringify(schedule(STAGE, { ...HOUR, seed: 8 })));
});

t.test('in an hour there is each kind of fault', async (t) => {
  const kinds = new Set(schedule(STAGE, HOUR).map(({ fault }) => fault.kind));
  t.same([...kinds].sort(), [...FAULT_KINDS].sort());
});

t.test('a single broker and worker get no faults that need several', async (t) => {
  const kinds = schedule({ ...STAGE, brokers: 1, workers: 1 }, HOUR).map(({ fault }) => fault.kind);
  t.notOk(kinds.includes('brokers-kill') || kinds.includes('worker-join'));
});

t.test('two faults at the same time touch different things', async (t) => {
  const busy = new Map<string, number>();
  for (const { atMs, fault } of schedule(STAGE, { ...HOUR, everyMs: 500 })) {
    const target = targetOf(fault);
    if (atMs < (busy.get(target) ?? 0)) t.fail(`${target} is touched again at ${atMs}`);
    busy.set(target, atMs + ('forMs' in fault ? fault.forMs : 0));
  }
  t.ok(busy.size > 5);
});

t.test('only the kinds that are asked for are made', async (t) => {
  const kinds = schedule(STAGE, { ...HOUR, only: ['scale', 'pause'] }).map(({ fault }) => fault.kind);
  t.same([...new Set(kinds)].sort(), ['pause', 'scale']);
});
