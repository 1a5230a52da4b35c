import { Random } from '@tributary/services';
import type { Fault, FaultKind } from './fault.ts';

/** What can be broken. */
export interface Stage {
  readonly brokers: number;
  /** Workers that are there from the beginning; one more may join for a while. */
  readonly workers: number;
  readonly sources: readonly string[];
  readonly sinks: readonly string[];
  readonly maxTasks: number;
  /** A worker that is not heard of for so long is out of its group, ms. */
  readonly sessionMs: number;
}

export interface ScheduleOptions {
  readonly seed: number;
  readonly durationMs: number;
  /** The mean time between the beginnings of two faults. */
  readonly everyMs: number;
  /** Default: all that the stage allows. */
  readonly only?: readonly FaultKind[];
}

export interface Step {
  /** From the beginning of the schedule. */
  readonly atMs: number;
  readonly fault: Fault;
}

interface Kind {
  readonly weight: number;
  possible(stage: Stage): boolean;
  make(random: Random, stage: Stage): Fault;
}

const always = (): boolean => true;
const several = ({ brokers }: Stage): boolean => brokers > 1;
const worker = (random: Random, { workers }: Stage): number => random.between(1, workers);
const broker = (random: Random, { brokers }: Stage): number => random.between(1, brokers);
const connector = (random: Random, { sources, sinks }: Stage): string => random.pick([...sources, ...sinks]);

/** How likely each kind is, and what may become of it. */
const KINDS: Readonly<Record<FaultKind, Kind>> = {
  'worker-kill': {
    weight: 5,
    possible: always,
    make: (random, stage) => ({ kind: 'worker-kill', worker: worker(random, stage), forMs: random.between(0, 9_000) }),
  },
  'worker-freeze': {
    weight: 3,
    possible: always,
    make: (random, stage) => ({
      kind: 'worker-freeze',
      worker: worker(random, stage),
      // Now and then short of the end of the session.
      forMs: stage.sessionMs + random.between(-3_000, 9_000),
    }),
  },
  'worker-stop': {
    weight: 2,
    possible: always,
    make: (random, stage) => ({ kind: 'worker-stop', worker: worker(random, stage), forMs: random.between(0, 9_000) }),
  },
  'worker-join': {
    weight: 2,
    possible: ({ workers }) => workers > 1,
    make: (random, { workers }) => ({
      kind: 'worker-join',
      worker: workers + 1,
      forMs: random.between(8_000, 20_000),
    }),
  },
  'worker-cut': {
    weight: 4,
    possible: always,
    make: (random, stage) => ({
      kind: 'worker-cut',
      worker: worker(random, stage),
      broker: random.between(0, stage.brokers),
      fault: random.pick(['both', 'requests', 'answers', 'refused']),
      forMs: random.between(500, 15_000),
    }),
  },
  'broker-kill': {
    weight: 4,
    possible: always,
    make: (random, stage) => ({ kind: 'broker-kill', broker: broker(random, stage), forMs: random.between(0, 10_000) }),
  },
  'broker-stop': {
    weight: 1,
    possible: always,
    make: (random, stage) => ({ kind: 'broker-stop', broker: broker(random, stage), forMs: random.between(0, 6_000) }),
  },
  'broker-freeze': {
    weight: 2,
    possible: always,
    make: (random, stage) => ({
      kind: 'broker-freeze',
      broker: broker(random, stage),
      forMs: random.between(1_000, 12_000),
    }),
  },
  'brokers-kill': {
    weight: 1,
    possible: several,
    make: (random) => ({ kind: 'brokers-kill', forMs: random.between(0, 6_000) }),
  },
  'sink-slow': {
    weight: 1,
    possible: always,
    make: (random) => ({
      kind: 'sink-slow',
      putMs: random.pick([50, 500, 4_000]),
      forMs: random.between(3_000, 15_000),
    }),
  },
  reconfigure: {
    weight: 2,
    possible: always,
    make: (random, stage) => ({
      kind: 'reconfigure',
      connector: connector(random, stage),
      note: String(random.between(0, 1_000_000)),
    }),
  },
  scale: {
    weight: 3,
    possible: always,
    make: (random, stage) => ({
      kind: 'scale',
      connector: connector(random, stage),
      tasks: random.between(1, stage.maxTasks),
    }),
  },
  pause: {
    weight: 1,
    possible: always,
    make: (random, stage) => ({ kind: 'pause', connector: connector(random, stage), forMs: random.between(0, 5_000) }),
  },
  restart: {
    weight: 1,
    possible: always,
    make: (random, stage) => ({
      kind: 'restart',
      connector: connector(random, stage),
      includeTasks: random.next() < 0.7,
    }),
  },
  'restart-task': {
    weight: 1,
    possible: always,
    make: (random, stage) => ({ kind: 'restart-task', connector: connector(random, stage), task: 0 }),
  },
  rewind: {
    weight: 1,
    possible: always,
    make: (random, { sources }) => ({
      kind: 'rewind',
      connector: random.pick(sources),
      share: random.pick([0, random.next()]),
    }),
  },
};

export const FAULT_KINDS = Object.keys(KINDS) as readonly FaultKind[];

/** How long after its end what a fault touched is left alone, ms: to come back takes a while. */
export const REST_MS = 4_000;

/** What a fault takes: no two faults that run at the same time take the same. */
export function targetOf(fault: Fault): string {
  if ('worker' in fault) return `worker ${fault.worker}`;
  if ('connector' in fault) return fault.connector;
  return fault.kind === 'sink-slow' ? 'slow' : 'brokers';
}

/**
 * Faults by chance, in the order of their time, the same ones for the same options. Several run at once, but one broker at a time is
 * down, or all of them: the quorum comes back.
 */
export function schedule(stage: Stage, { seed, durationMs, everyMs, only }: ScheduleOptions): readonly Step[] {
  const random = new Random(seed);
  const kinds = (only ?? FAULT_KINDS).filter((kind) => KINDS[kind].possible(stage));
  const choices = kinds.map((kind) => [kind, KINDS[kind].weight] as const);
  const steps: Step[] = [];
  const busyUntil = new Map<string, number>();
  for (let atMs = 0; ; ) {
    atMs += Math.round(everyMs * (0.25 + 1.5 * random.next()));
    if (atMs >= durationMs) return steps;
    const fault = KINDS[random.weighted(choices)].make(random, stage);
    const target = targetOf(fault);
    if (atMs < (busyUntil.get(target) ?? 0)) continue;
    const takesMs = 'forMs' in fault ? Math.min(fault.forMs, durationMs - atMs) : 0;
    busyUntil.set(target, atMs + takesMs + REST_MS);
    steps.push({ atMs, fault });
  }
}
