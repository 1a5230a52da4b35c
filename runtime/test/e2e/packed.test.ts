import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '@tributary/services';
import t from 'tap';
import { plainCommand } from '../support/environment.ts';
import { tempDir, until } from '../support/worker.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const execute = promisify(execFile);
const run = (command: string, args: readonly string[], cwd: string) => execute(...plainCommand(command, args), { cwd });

const CONNECTORS = readdirSync(join(ROOT, 'connectors')).map((name) => `connectors/${name}`);
const PACKAGES = ['api', 'runtime', 'transforms', 'converters', ...CONNECTORS];

t.test(
  'the packed packages, installed into an empty project, run the quickstart as compiled JavaScript',
  { timeout: 200_000 },
  async (t) => {
    const dir = tempDir(t);
    await run('npm', ['run', 'build'], ROOT);
    await run('npm', ['pack', '--pack-destination', dir, ...PACKAGES.flatMap((path) => ['-w', path])], ROOT);
    const tarballs = readdirSync(dir).filter((name) => name.endsWith('.tgz'));
    t.equal(tarballs.length, PACKAGES.length);

    writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
    await run(
      'npm',
      ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs.map((name) => `./${name}`)],
      dir,
    );
    const installed = join(dir, 'node_modules/@tributary/runtime');
    t.notOk(existsSync(join(installed, 'src')), 'packages carry no TypeScript sources');

    const [port] = await freePorts(1);
    const tributary = join(dir, 'node_modules/.bin/tributary');
    const child = spawn(...plainCommand(tributary, ['quickstart', `--listeners=http://127.0.0.1:${port}`]), {
      cwd: dir,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    t.teardown(() => child.kill('SIGKILL'));
    const ticks = join(dir, 'data/ticks.jsonl');
    await until(() => {
      if (child.exitCode !== null) throw new Error(Buffer.concat(output).toString());
      return existsSync(ticks) && readFileSync(ticks, 'utf8').split('\n').length > 100;
    });
    t.match(JSON.parse(readFileSync(ticks, 'utf8').split('\n')[0]!), {
      symbol: String,
      price: Number,
      origin: 'quickstart',
    });
    const closed = once(child, 'close');
    child.kill('SIGINT');
    t.same((await closed)[0], 0, 'Ctrl-C stops it cleanly');

    const listed = (await run(tributary, ['plugins'], dir)).stdout.trimEnd().split('\n');
    const classes = listed.map((line) => line.split(/\s+/)[1]!);
    t.ok(classes.some((name) => name.startsWith('tributary.cassandra.')));
    const described = await run(tributary, ['plugins', ...classes], dir);
    for (const name of classes) t.match(described.stdout, name, `${name} loads from its package`);

    const version = await run(tributary, ['--version'], dir);
    t.equal(version.stdout.trim(), JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).version);
  },
);
