import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from '../side-by-side/run.ts';
import { benchWorker, type Place } from './worker.ts';

const SETTLE = 200;
const RECORDS = 1_000;

export interface Neighbour {
  /** Where the plugin is that loops; null: there is none. */
  readonly loops: Place | null;
  /** Milliseconds from the source of the neighbour to its sink. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** How long records of a source and a sink in the worker's own thread are on their way, beside a plugin that loops. */
export async function neighbour(stage: Stage, loops: Exclude<Place, 'shared'> | null): Promise<Neighbour> {
  const worker = await benchWorker(stage, {});
  try {
    const file = join(worker.folder, 'delays.txt');
    const topic = `${worker.name}-clock`;
    const delays = (): number[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : []);
    await worker.create('clock', { 'connector.class': 'bench.ClockSource', topic });
    await worker.create('delay', { 'connector.class': 'bench.DelaySink', topics: topic, file });
    if (loops) await worker.create('loop', { 'connector.class': 'bench.LoopSource', 'task.isolation': loops });
    while (loops && (await worker.states('loop'))[0] !== 'RUNNING') await sleep(50);
    await sleep(2_000);
    const from = delays().length + SETTLE;
    while (delays().length < from + RECORDS) await sleep(100);
    const sorted = delays()
      .slice(from, from + RECORDS)
      .sort((a, b) => a - b);
    return { loops, p50: sorted[RECORDS / 2]!, p99: sorted[RECORDS * 0.99]!, max: sorted.at(-1)! };
  } finally {
    await worker.stop();
  }
}
