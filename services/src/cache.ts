import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOCK_HEARTBEAT_MS = 1_000;
const LOCK_STALE_MS = 15_000;
const LOCK_POLL_MS = 100;

/**
 * Where downloads, compiled helpers and the state of started servers are kept, outside the checkout:
 * `$TRIBUTARY_CACHE`, else `$XDG_CACHE_HOME/tributary`, else `~/.cache/tributary`.
 */
export function cacheFolder(): string {
  const own = process.env.TRIBUTARY_CACHE;
  if (own) return own;
  const xdg = process.env.XDG_CACHE_HOME;
  return xdg ? join(xdg, 'tributary') : join(homedir(), '.cache', 'tributary');
}

/** A short key for cached things that follow from `contents`. */
export function contentKey(...contents: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(content).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** Whether something is at `path`. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * Makes `folder` by running `build` on a temporary folder beside it and renaming that: `folder` is whole or absent.
 * Processes that ask at once wait for the first; when the first dies, the next takes over.
 */
export async function buildOnce(folder: string, build: (temporary: string) => Promise<void>): Promise<string> {
  await mkdir(dirname(folder), { recursive: true });
  while (!(await exists(folder))) {
    const release = await tryLock(`${folder}.lock`);
    if (!release) {
      await sleep(LOCK_POLL_MS);
      continue;
    }
    try {
      if (!(await exists(folder))) await buildAndRename(folder, build);
    } finally {
      await release();
    }
  }
  return folder;
}

async function buildAndRename(folder: string, build: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = await mkdtemp(`${folder}.part-`);
  try {
    await build(temporary);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Two builders can meet when a lock was taken for stale; the first to finish has published the same contents.
    if (!(await exists(folder))) throw error;
  }
}

/**
 * Takes the lock file, or returns undefined while another process holds it. The holder touches the file, so a holder
 * that died is recognised by the file's age, whatever its pid means by now.
 */
async function tryLock(path: string): Promise<(() => Promise<void>) | undefined> {
  try {
    await (await open(path, 'wx')).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const held = await stat(path).catch(() => undefined);
    if (held && Date.now() - held.mtimeMs > LOCK_STALE_MS) await rm(path, { force: true });
    return undefined;
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => clearInterval(heartbeat));
  }, LOCK_HEARTBEAT_MS);
  heartbeat.unref();
  return async () => {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  };
}
