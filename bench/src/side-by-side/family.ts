import { readdirSync, readFileSync } from 'node:fs';
import { type ProcessUsage, processUsage } from '@tributary/services';

/** The processes that a process has started. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** What a process and those that it has started have used together. Undefined if it is gone. */
export function familyUsage(pid: number): ProcessUsage | undefined {
  const own = processUsage(pid);
  return (
    own &&
    childrenOf(pid)
      .map((child) => processUsage(child))
      .reduce<ProcessUsage>((all, one) => (one ? added(all, one) : all), own)
  );
}

const added = (a: ProcessUsage, b: ProcessUsage): ProcessUsage => ({
  userSeconds: a.userSeconds + b.userSeconds,
  systemSeconds: a.systemSeconds + b.systemSeconds,
  cpuSeconds: a.cpuSeconds + b.cpuSeconds,
  rssBytes: a.rssBytes + b.rssBytes,
  peakRssBytes: a.peakRssBytes + b.peakRssBytes,
});

/** Memory of a process and those that it has started, what they share counted once. Bytes. */
export function familyMemory(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, one) => sum + memoryOf(one), 0);
}

function memoryOf(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
