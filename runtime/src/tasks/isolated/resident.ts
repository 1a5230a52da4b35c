import { readFileSync } from 'node:fs';

/** What a process has resident, in bytes, as Linux tells; null if it is gone, or elsewhere than on Linux. */
export function residentBytes(pid: number): number | null {
  try {
    const kibibytes = readFileSync(`/proc/${pid}/status`, 'latin1').match(/^VmRSS:\s*(\d+) kB$/m)?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  } catch {
    return null;
  }
}
