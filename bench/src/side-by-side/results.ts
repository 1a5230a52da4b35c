import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const ROOT = join(import.meta.dirname, '..', '..', '..');
const RESULTS = join(import.meta.dirname, '..', '..', 'results');

/** Where and with what a benchmark ran. */
export interface Setting {
  readonly at: string;
  readonly command: string;
  readonly machine: {
    readonly cpu: string;
    readonly cpus: number;
    readonly memoryBytes: number;
    readonly kernel: string;
  };
  readonly versions: { readonly node: string; readonly java: string };
  readonly git: { readonly commit: string; readonly changed: boolean };
}

export async function setting(): Promise<Setting> {
  return {
    at: new Date().toISOString(),
    command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    machine: { cpu: cpus()[0]?.model ?? '', cpus: cpus().length, memoryBytes: totalmem(), kernel: release() },
    versions: { node: process.versions.node, java: await javaVersion() },
    git: {
      commit: await git('rev-parse', 'HEAD'),
      changed: (await git('status', '--porcelain', '--untracked-files=no')) !== '',
    },
  };
}

async function javaVersion(): Promise<string> {
  const home = process.env['JAVA_HOME'];
  const { stderr } = await run(home ? join(home, 'bin', 'java') : 'java', ['-version']);
  return stderr.trim().split('\n').slice(0, 2).join('; ');
}

async function git(...args: readonly string[]): Promise<string> {
  const answer = await run('git', [...args], { cwd: ROOT }).catch(() => undefined);
  return answer?.stdout.trim() ?? 'unknown';
}

/** Writes `bench/results/<date>-<what>.json`. @returns its path within the checkout */
export async function save(what: string, content: Setting & Readonly<Record<string, unknown>>): Promise<string> {
  const file = join(RESULTS, `${content.at.slice(0, 10)}-${what}.json`);
  await mkdir(RESULTS, { recursive: true });
  await writeFile(file, `${JSON.stringify(content, null, 1)}\n`);
  return relative(ROOT, file);
}
