import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from './lab.ts';
import { ask, type Json } from './rest.ts';

const EVERY_MS = 1_000;
const ANSWER_MS = 5_000;

/** Asks some worker again and again what runs, and takes a failed connector or task for a violation: nothing that is done here may fail one. */
export async function watch(lab: Lab, signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
    const awake = lab.workers.filter((worker) => worker.awake);
    const worker = awake[turn % Math.max(1, awake.length)];
    if (!worker) continue;
    const answer = await ask(worker, 'GET', '/connectors?expand=status', undefined, ANSWER_MS).catch(() => null);
    if (answer?.status !== 200) continue;
    for (const [name, { status }] of Object.entries<Json>(answer.json)) {
      if (status?.connector.state === 'FAILED')
        lab.violation(`connector ${name} failed: ${cause(status.connector.trace)}`);
      for (const { id, state, worker_id, trace } of status?.tasks ?? [])
        if (state === 'FAILED') lab.violation(`task ${name}-${id} failed on ${worker_id}: ${cause(trace)}`);
    }
  }
}

/** The messages of a stack trace, without its places in the code. */
function cause(trace: string | undefined): string {
  const lines = (trace ?? 'no trace').split('\n').filter((line) => !/^\s+at /.test(line));
  return lines.map((line) => line.trim()).join(' / ');
}
