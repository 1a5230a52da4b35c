import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce, cacheFolder, contentKey } from './cache.ts';

const run = promisify(execFile);
const INSTALL_TIMEOUT_MS = 120_000;
const MAX_OUTPUT = 64 * 1024 * 1024;

/** A package from PyPI that is installed, or why it cannot be. */
export type PythonPackage =
  | { readonly ok: true; readonly run: (code: string, args: readonly string[], cwd?: string) => Promise<string> }
  | { readonly ok: false; readonly reason: string };

/**
 * Installs a package with what it needs into the cache, once.
 * @param requirement name and version, such as `requests==2.32.0`
 * @returns `run` runs Python code with the package at hand and resolves with its output; it rejects when the code fails, with its output
 * as `stdout` and `stderr` of the error
 */
export async function pythonPackage(requirement: string): Promise<PythonPackage> {
  try {
    const { stdout: version } = await run('python3', ['--version']);
    const folder = await buildOnce(
      join(cacheFolder(), 'python', contentKey(requirement, version)),
      async (temporary) => {
        const pip = [
          '-m',
          'pip',
          'install',
          '--quiet',
          '--disable-pip-version-check',
          '--target',
          temporary,
          requirement,
        ];
        await run('python3', pip, { timeout: INSTALL_TIMEOUT_MS });
      },
    );
    return {
      ok: true,
      async run(code, args, cwd) {
        const env = { ...process.env, PYTHONPATH: folder };
        const { stdout, stderr } = await run('python3', ['-c', code, ...args], { env, cwd, maxBuffer: MAX_OUTPUT });
        return stdout + stderr;
      },
    };
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    return { ok: false, reason: `${requirement} needs Python 3 with pip, and PyPI: ${reason}` };
  }
}
