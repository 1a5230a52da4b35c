import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { fileDestination } from '../../src/side-by-side/destinations.ts';
import { LINE_BYTES, lineOf, writeInput } from '../../src/side-by-side/lines.ts';

t.test('the input has lines of JSON, all different and all of the same length', async (t) => {
  const file = join(t.testdir(), 'input.jsonl');
  const input = await writeInput(file, 12_345);
  const text = await readFile(file, 'utf8');
  const lines = text.trimEnd().split('\n');
  t.equal(lines.length, 12_345);
  t.equal(new Set(lines).size, 12_345);
  t.ok(lines.every((line) => Buffer.byteLength(line) === LINE_BYTES));
  t.equal(JSON.parse(lines[12_344]!).note, lineOf(12_344).note);
  const sha256 = createHash('sha256').update(text).digest('hex');
  t.same(input.lines, { lines: 12_345, bytes: 12_345 * (LINE_BYTES + 1), sha256 });
});

t.test('a file that holds the input has its digest, and one that lacks a line has another', async (t) => {
  const folder = t.testdir();
  const whole = join(folder, 'whole.jsonl');
  const { lines } = await writeInput(whole, 20_000);
  t.same(await fileDestination(whole).digest(), lines);
  const short = join(folder, 'short.jsonl');
  await writeInput(short, 19_999);
  const digest = await fileDestination(short).digest();
  t.equal(digest.lines, 19_999);
  t.not(digest.sha256, lines.sha256);
});

t.test('a file that is not there yet has received nothing', async (t) => {
  t.equal(await fileDestination(join(t.testdir(), 'none.txt')).progress(), 0);
});
