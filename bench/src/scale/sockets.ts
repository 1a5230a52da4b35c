import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const ESTABLISHED = '01';

/** TCP connections that a process has open to one port. Linux only: reads `/proc`. */
export function connectionsTo(pid: number, port: number): number {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set<string>();
  for (const table of ['tcp', 'tcp6']) {
    for (const line of readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1)) {
      const [, , remote, state, , , , , , inode] = line.trim().split(/\s+/);
      if (inode && state === ESTABLISHED && remote?.endsWith(`:${wanted}`)) inodes.add(`socket:[${inode}]`);
    }
  }
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => inodes.has(target(`/proc/${pid}/fd/${fd}`))).length;
}

function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    // Closed meanwhile.
    return '';
  }
}
