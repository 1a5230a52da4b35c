import { execFile, spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { buildOnce, cacheFolder, exists } from './cache.ts';
import { commandProblem } from './java.ts';

const run = promisify(execFile);

const VERSION = '2.7.12';
const MODULE = `github.com/influxdata/influxdb/v2@v${VERSION}`;
/** A pkg-config that builds flux's Rust part where Go asks for it. */
const PKG_CONFIG = 'github.com/influxdata/pkg-config@v0.2.14';
const MINIMUM_GO = 23;
/** Every so many modules or packages a line is told. */
const PROGRESS_EVERY = 100;
const LINES_OF_A_FAILURE = 40;

/** Told what the build does, in lines. */
export type Progress = (line: string) => void;

const folder = (): string => join(cacheFolder(), 'influxdb', VERSION);
const binaryIn = (built: string): string => join(built, 'influxd');

/** Whether `$TRIBUTARY_BUILD_INFLUXDB` is `true`: then whoever needs it first builds it. */
export function mayBuildInfluxdb(): boolean {
  return process.env.TRIBUTARY_BUILD_INFLUXDB === 'true';
}

/** Whether it was built on this machine. */
export function isInfluxdbBuilt(): Promise<boolean> {
  return exists(binaryIn(folder()));
}

/** Why it cannot be built here; undefined when it can. */
export async function influxdbBuildProblem(): Promise<string | undefined> {
  const problems = await Promise.all([goProblem(), ...['cargo', 'cc', 'pkg-config'].map((tool) => toolProblem(tool))]);
  return problems.find((problem) => problem !== undefined);
}

async function goProblem(): Promise<string | undefined> {
  const version = await run('go', ['env', 'GOVERSION']).catch((error: unknown) => commandProblem('go', error));
  if (typeof version === 'string') return version;
  const minor = Number(/^go1\.(\d+)/.exec(version.stdout)?.[1]);
  return minor >= MINIMUM_GO ? undefined : `it needs Go 1.${MINIMUM_GO}, and here is ${version.stdout.trim()}`;
}

function toolProblem(tool: string): Promise<string | undefined> {
  return run(tool, ['--version']).then(
    () => undefined,
    (error: unknown) => commandProblem(tool, error),
  );
}

/**
 * The path of InfluxDB's server without its web pages, which is built from its sources when it is not in the cache: some 8 minutes
 * on two cores, and 310 MB from Go's module proxy and Rust's registry. Processes that ask at the same time wait for that build.
 */
export async function builtInfluxdb(progress: Progress): Promise<string> {
  return binaryIn(await buildOnce(folder(), (into) => build(into, progress)));
}

async function build(into: string, progress: Progress): Promise<void> {
  const problem = await influxdbBuildProblem();
  if (problem) throw new Error(`InfluxDB cannot be built here: ${problem}`);
  const started = Date.now();
  const say = (what: string) =>
    progress(`InfluxDB ${VERSION}, ${Math.round((Date.now() - started) / 1000)} s: ${what}`);

  say('downloading its sources');
  const { stdout } = await run('go', ['mod', 'download', '-json', MODULE]);
  const { Dir: sources } = JSON.parse(stdout) as { Dir: string };
  const work = join(into, 'work');
  const [source, tools] = [join(work, 'source'), join(work, 'tools')];
  await mkdir(tools, { recursive: true });
  // It cannot be built where Go keeps modules, for that is read-only; nor by `go install`, for its go.mod replaces modules.
  await run('cp', ['-R', sources, source]);
  await run('chmod', ['-R', 'u+w', work]);
  await run('go', ['install', PKG_CONFIG], { env: { ...process.env, GOBIN: tools } });
  const cargo = join(tools, 'cargo-for-flux');
  await writeFile(cargo, CARGO_FOR_FLUX, { mode: 0o755 });

  say('building; this takes minutes');
  const environment = {
    ...process.env,
    PKG_CONFIG: join(tools, 'pkg-config'),
    CARGO: cargo,
    CGO_ENABLED: '1',
    ...(await ownToolchain()),
  };
  await goBuild(source, binaryIn(into), environment, say);
  await rm(work, { recursive: true });
  say('built');
}

/** Without flux's feature `strict`, which takes the warnings of compilers newer than its own for errors. */
const CARGO_FOR_FLUX = `#!/bin/sh
exec cargo "$@" --manifest-path flux/Cargo.toml --no-default-features --features cffi
`;

/** Where rustup chooses the compiler: the machine's own, in place of the old one that flux asks for. */
async function ownToolchain(): Promise<{ readonly RUSTUP_TOOLCHAIN?: string }> {
  const active = await run('rustup', ['show', 'active-toolchain'], { cwd: '/' }).catch(() => undefined);
  const name = active?.stdout.split(' ')[0]?.trim();
  return name ? { RUSTUP_TOOLCHAIN: name } : {};
}

/** Without the tag `assets` there are no web pages, which are not in the module. */
async function goBuild(source: string, output: string, env: NodeJS.ProcessEnv, say: Progress): Promise<void> {
  const link = `-s -w -X main.version=v${VERSION}`;
  const tags = 'sqlite_foreign_keys,sqlite_json';
  const args = ['build', '-v', '-trimpath', '-tags', tags, '-ldflags', link, '-o', output, './cmd/influxd'];
  const child = spawn('go', args, { cwd: source, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const last: string[] = [];
  let lines = 0;
  for await (const line of createInterface(child.stderr)) {
    last.push(line);
    if (last.length > LINES_OF_A_FAILURE) last.shift();
    if (++lines % PROGRESS_EVERY === 0) say(line);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`InfluxDB could not be built, go exited with code ${code}:\n${last.join('\n')}`);
}
