#!/usr/bin/env node
// Plain JavaScript, so that an old Node can explain itself instead of failing on the syntax of what follows.
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { dirname, join, sep } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NEEDED = [22, 22];
const CONDITION = '--conditions=tributary-source';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  console.error(`Tributary needs Node.js ${NEEDED.join('.')} or later, and this is ${process.versions.node}.`);
  console.error('In a checkout, npm brings the right one along: use `npm start`, or `npx tributary ...`.');
  process.exit(1);
}

// Compiled code, and sources stripped of their types, are kept from one start to the next.
enableCompileCache?.();

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, '..', 'src', 'cli', 'main.ts');
// In a checkout the sources run as they are; a package from the registry brings compiled ones.
if (existsSync(source) && !here.includes(`${sep}node_modules${sep}`)) {
  if (process.execArgv.includes(CONDITION)) await import(pathToFileURL(source).href);
  else await again();
} else await import(pathToFileURL(join(here, '..', 'dist', 'cli', 'main.js')).href);

/** Starts this command anew with the condition under which packages are resolved to their sources. */
async function again() {
  const args = [CONDITION, ...process.execArgv, ...process.argv.slice(1)];
  if (typeof process.execve === 'function') {
    process.removeAllListeners('warning');
    process.execve(process.execPath, [process.execPath, '--disable-warning=ExperimentalWarning', ...args], process.env);
  }
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}
