import { readFileSync } from 'node:fs';

/** What a process has used since it started. */
export interface ProcessUsage {
  /** CPU time in user mode, seconds. */
  readonly userSeconds: number;
  /** CPU time in the kernel, seconds. */
  readonly systemSeconds: number;
  /** User and kernel time together, seconds. */
  readonly cpuSeconds: number;
  /** Resident memory now, bytes. */
  readonly rssBytes: number;
  /** The most resident memory it ever had, bytes (Linux: VmHWM). */
  readonly peakRssBytes: number;
}

// USER_HZ: the unit of /proc times, fixed at 100 on every architecture that Node runs on.
const TICKS_PER_SECOND = 100;

/**
 * Reads what process `pid` has used, children that it waited for included. Linux only: reads `/proc`.
 * Undefined when there is no such process, or when it has ended and only waits to be reaped.
 */
export function processUsage(pid: number): ProcessUsage | undefined {
  if (process.platform !== 'linux') throw new Error('processUsage reads /proc, which only Linux has');
  let stat: string;
  let status: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return undefined;
  }
  const peakRssBytes = statusBytes(status, 'VmHWM');
  const rssBytes = statusBytes(status, 'VmRSS');
  if (peakRssBytes === undefined || rssBytes === undefined) return undefined;
  // The command's name, the second field, is in parentheses and may hold blanks: the fields are counted after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const seconds = (field: number) => Number(fields[field]) / TICKS_PER_SECOND;
  const userSeconds = seconds(11) + seconds(13);
  const systemSeconds = seconds(12) + seconds(14);
  return { userSeconds, systemSeconds, cpuSeconds: userSeconds + systemSeconds, rssBytes, peakRssBytes };
}

function statusBytes(status: string, name: string): number | undefined {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}
