import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import t from 'tap';
import { runCommand } from '../support/process.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

t.test('docs/reference.md says what the definitions say (npm run docs)', async (t) => {
  const { code, output } = await runCommand(['plugins', '--markdown'], ROOT);
  t.equal(code, 0);
  t.equal(output, readFileSync(resolve(ROOT, 'docs/reference.md'), 'utf8'));
});

t.test('a plugin is described by class or alias, with its keys', async (t) => {
  const { code, output } = await runCommand(['plugins', 'RegexRouter'], ROOT);
  t.equal(code, 0);
  t.match(
    output,
    /### `org\.apache\.kafka\.connect\.transforms\.RegexRouter`[\s\S]*\| `regex` \| string \| required \| high \|/,
  );
});

t.test('one that is not there is an error that says where to look', async (t) => {
  const { code, output } = await runCommand(['plugins', 'Nope'], ROOT);
  t.equal(code, 2);
  t.match(output, /There is no plugin 'Nope'. 'tributary plugins' lists them all/);
});

t.test('all are listed by kind, class and version', async (t) => {
  const { code, output } = await runCommand(['plugins'], ROOT);
  t.equal(code, 0);
  t.match(output, /^sink +org\.apache\.kafka\.connect\.file\.FileStreamSinkConnector +\d/m);
  t.match(output, /^predicate +org\.apache\.kafka\.connect\.transforms\.predicates\.RecordIsTombstone +\d/m);
});
