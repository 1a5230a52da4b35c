import { setTimeout as sleep } from 'node:timers/promises';
import { familyMemory, familyUsage } from '../side-by-side/family.ts';
import type { Stage } from '../side-by-side/run.ts';
import { benchWorker, type Place } from './worker.ts';

const IDLE_MS = 5_000;

export interface ManyTasks {
  readonly place: Place;
  readonly tasks: number;
  /** CPU seconds per task until all run. */
  readonly startCpuSeconds: number;
  /** Seconds per task until all run. */
  readonly startSeconds: number;
  /** Memory per task, shared pages counted once. */
  readonly bytes: number;
  /** CPU milliseconds a second that a task uses while it has nothing to do. */
  readonly idleCpuMs: number;
}

/** What a task costs that does nothing. */
export async function manyTasks(stage: Stage, place: Place, tasks: number): Promise<ManyTasks> {
  const worker = await benchWorker(stage, { 'task.isolation': place });
  try {
    while ((await worker.states(worker.name))[0] !== 'RUNNING') await sleep(20);
    await sleep(IDLE_MS);
    const cpu = (): number => familyUsage(worker.pid)!.cpuSeconds;
    const [cpuBefore, bytesBefore, started] = [cpu(), familyMemory(worker.pid), performance.now()];
    await worker.create('many', { 'connector.class': 'bench.IdleSource', 'tasks.max': String(tasks) });
    for (;;) {
      const states = await worker.states('many');
      if (states.length === tasks && states.every((state) => state === 'RUNNING')) break;
      await sleep(50);
    }
    const [startCpuSeconds, startSeconds] = [cpu() - cpuBefore, (performance.now() - started) / 1_000];
    await sleep(IDLE_MS);
    const bytes = familyMemory(worker.pid) - bytesBefore;
    const [idleCpu, idleFrom] = [cpu(), performance.now()];
    await sleep(IDLE_MS);
    const idleCpuMs = ((cpu() - idleCpu) * 1e6) / (performance.now() - idleFrom) / tasks;
    return {
      place,
      tasks,
      startCpuSeconds: startCpuSeconds / tasks,
      startSeconds: startSeconds / tasks,
      bytes: bytes / tasks,
      idleCpuMs,
    };
  } finally {
    await worker.stop();
  }
}
