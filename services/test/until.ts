import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `condition` holds; fails after 30 s with what was waited for. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited 30 s in vain: ${what}`);
    await sleep(20);
  }
}

/** Whether process `pid` exists. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
