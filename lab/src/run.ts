import { setTimeout as sleep } from 'node:timers/promises';
import { agreement } from './agreement.ts';
import { carryOut } from './carry-out.ts';
import { Connectors } from './connectors.ts';
import { type GroupFact, groupFacts, untilAllTell } from './facts.ts';
import { describe, type Fault } from './fault.ts';
import type { Gaps } from './gaps.ts';
import { Lab } from './lab.ts';
import type { LabOptions } from './options.ts';
import { REST_MS, schedule, targetOf } from './schedule.ts';
import { type Findings, untilWritten, verify, verifyOffsets } from './verify.ts';
import { watch } from './watch.ts';

const START_MS = 120_000;
/** How long everything has to run again once all is healed, ms. */
const HEAL_MS = 180_000;
/** How long the sources go on when the faults are ended early, ms: longer than a change of their configs takes. */
const LAST_MS = 10_000;
/** A gap that begins so long after the end of a fault is not of its making, ms. */
const AFTERMATH_MS = 20_000;

/** A fault as it was made. */
interface Made {
  readonly fault: Fault;
  readonly fromMs: number;
  untilMs: number;
}

/** The longest time that some lane stood still around a fault. */
export interface Standstill {
  readonly fault: string;
  readonly longestGapMs: number;
  readonly lane: string;
  /** When it began, in seconds since the beginning of the run. */
  readonly atSeconds: number;
}

function standstill(lab: Lab, { fault, fromMs, untilMs }: Made, gaps: Gaps): Standstill {
  const gap = gaps.longest(fromMs, untilMs + AFTERMATH_MS);
  return {
    fault: describe(fault),
    longestGapMs: gap ? gap.untilMs - gap.fromMs : 0,
    lane: gap?.lane ?? '',
    atSeconds: gap ? lab.secondsAt(gap.fromMs) : 0,
  };
}

export interface Outcome {
  readonly options: LabOptions;
  readonly violations: readonly string[];
  readonly history: readonly string[];
  readonly records: number;
  readonly repeats: number;
  readonly stepsBack: number;
  readonly sinks: Findings['sinks'];
  /** How long after the answer to a request all workers told the changed config, ms; null if it was not measured. */
  readonly configSeenMs: number | null;
  readonly group: readonly GroupFact[];
  readonly standstills: readonly Standstill[];
  /** From the end of the faults until everything ran and all workers said the same, ms. */
  readonly healedMs: number;
  /** Requests that were refused for a while, by status. */
  readonly refusals: Readonly<Record<string, number>>;
}

/**
 * Starts a cluster, makes faults, heals them, and checks what became of every record.
 * @param signal ends the faults early
 * @throws Error if the cluster does not start
 */
export async function run(options: LabOptions, print: (line: string) => void, signal: AbortSignal): Promise<Outcome> {
  const lab = await Lab.open(options, print);
  try {
    return await runIn(lab, signal);
  } finally {
    await lab.close();
  }
}

async function runIn(lab: Lab, signal: AbortSignal): Promise<Outcome> {
  const { options } = lab;
  lab.note(`logs and data are in ${lab.folder}`);
  await lab.log.create(lab.topics, lab.partitions);
  for (const worker of lab.workers.slice(0, options.workers)) worker.start();
  await Promise.all(lab.workers.slice(0, options.workers).map((worker) => worker.untilReady(START_MS)));
  lab.note('the workers are up');
  const connectors = new Connectors(lab);
  await connectors.create();
  for (const problem of await agreement(lab, START_MS)) lab.violation(`at the start: ${problem}`);
  const watching = new AbortController();
  const watched = watch(lab, watching.signal);
  const configSeenMs = options.facts ? await untilAllTell(lab, connectors) : null;
  const group = options.workers > 1 && options.facts ? await groupFacts(lab) : [];
  const made = await makeFaults(lab, connectors, signal);
  const endedMs = Date.now();
  lab.note('no more faults: what is broken is healed');
  const problems = await agreement(lab, HEAL_MS);
  for (const problem of problems) lab.violation(`healed, but ${problem}`);
  const healedMs = Date.now() - endedMs;
  if (problems.length === 0)
    lab.note(`everything runs, and all workers say the same, after ${(healedMs / 1000).toFixed(1)} s`);
  await untilWritten(lab, connectors);
  const { gaps, ...findings } = await verify(lab);
  await verifyOffsets(lab);
  watching.abort();
  await watched;
  return {
    options,
    violations: lab.violations,
    history: lab.history,
    ...findings,
    configSeenMs,
    group,
    standstills: made.map((each) => standstill(lab, each, gaps)),
    healedMs,
    refusals: Object.fromEntries(lab.rest.refusals),
  };
}

/**
 * Makes the faults of the schedule, each at its time, and waits until all are undone. What still has to do with an earlier fault, on a slow
 * machine, is left out: a broker that never rests would say nothing about the workers.
 */
async function makeFaults(lab: Lab, connectors: Connectors, signal: AbortSignal): Promise<readonly Made[]> {
  const { seed, durationMs, everyMs, only } = lab.options;
  const steps = schedule(lab.stage, { seed, durationMs, everyMs, ...(only ? { only } : {}) });
  lab.note(`${steps.length} faults of seed ${seed} in ${durationMs / 1000} s`);
  await connectors.endIn(durationMs);
  const beganMs = Date.now();
  const over = AbortSignal.any([signal, AbortSignal.timeout(durationMs)]);
  const made: Made[] = [];
  const underWay = new Map<string, Promise<void>>();
  const make = async (fault: Fault): Promise<void> => {
    const record = { fault, fromMs: Date.now(), untilMs: 0 };
    made.push(record);
    lab.note(describe(fault));
    try {
      await carryOut(fault, { lab, connectors, signal: over });
    } catch (error) {
      lab.violation(`${describe(fault)}: ${error instanceof Error ? error.message : error}`);
    }
    record.untilMs = Date.now();
    lab.note(`  over: ${fault.kind} ${targetOf(fault)}`);
  };
  for (const { atMs, fault } of steps) {
    await sleep(Math.max(0, beganMs + atMs - Date.now()), undefined, { signal: over }).catch(() => {});
    if (over.aborted) break;
    const target = targetOf(fault);
    if (underWay.has(target)) lab.note(`  left out: ${describe(fault)}`);
    else {
      const ended = make(fault).then(() => sleep(over.aborted ? 0 : REST_MS, undefined, { ref: false }));
      underWay.set(
        target,
        ended.then(() => void underWay.delete(target)),
      );
    }
  }
  await sleep(Math.max(0, beganMs + durationMs - Date.now()), undefined, { signal: over }).catch(() => {});
  await Promise.all(underWay.values());
  if (signal.aborted) {
    lab.note('the faults are ended early');
    await connectors.endIn(LAST_MS);
  }
  return made;
}
