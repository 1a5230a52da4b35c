import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runSource } from '@tributary/api/testing';
import { javaRun, skipUnlessAvailable } from '@tributary/services';
import fileSource from '@tributary/source-file';
import t from 'tap';

const skip = await skipUnlessAvailable('java');

interface Input {
  readonly file: string;
  readonly position: number;
}
type Line = readonly [position: number, text: string];

/** What Kafka's file source makes of the files, and what ours does. */
async function both(inputs: readonly Input[]): Promise<{ kafka: Line[][]; ours: Line[][] }> {
  const printed = await javaRun({
    sourceFile: join(import.meta.dirname, 'java', 'FileSourceLines.java'),
    args: inputs.flatMap(({ file, position }) => [file, String(position)]),
  });
  const kafka = printed
    .split(/^end\n/m)
    .slice(0, inputs.length)
    .map((part) =>
      part
        .split('\n')
        .filter(Boolean)
        .map((line): Line => {
          const [position, base64] = line.split(' ');
          return [Number(position), Buffer.from(base64!, 'base64').toString()];
        }),
    );
  const ours: Line[][] = [];
  for (const [i, { file, position }] of inputs.entries()) {
    const { records } = await runSource(
      fileSource,
      { file, topic: 'lines' },
      { take: kafka[i]!.length, offsets: [[{ filename: file }, { position }]] },
    );
    ours.push(records.map((record) => [Number(record.sourceOffset?.position), String(record.value)]));
  }
  return { kafka, ours };
}

/** Numbers that look random, the same ones every time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Text of the pieces in a random order, beginning and ending with a line. */
function randomText(seed: number, pieces: readonly string[], count: number): string {
  const next = numbers(seed);
  return `first\n${Array.from({ length: count }, () => pieces[next(pieces.length)]).join('')}last\n`;
}

const ENDS = ['\n', '\r', '\r\n'];
const ASCII = [...ENDS, ...ENDS, 'a', 'bb', 'word ', 'x'.repeat(100), '\t', '\0', '\x7f', 'y'.repeat(1500)];

t.test('Kafka and we cut ASCII files into the same lines with the same positions', { skip }, async (t) => {
  const folder = t.testdir();
  const inputs: Input[] = [];
  for (let seed = 0; seed < 8; seed++) {
    const text = randomText(seed, ASCII, 400 * (seed + 1));
    const file = join(folder, `${seed}.txt`);
    await writeFile(file, text);
    inputs.push({ file, position: 0 }, { file, position: 6 }, { file, position: Math.floor(text.length / 2) });
  }
  const { kafka, ours } = await both(inputs);
  for (const [i, lines] of kafka.entries())
    t.strictSame(ours[i], lines, `file ${Math.floor(i / 3)} from ${inputs[i]!.position}`);
});

t.test('Kafka and we read the same text of other characters and of bytes that are no UTF-8', { skip }, async (t) => {
  const folder = t.testdir();
  const valid = join(folder, 'valid.txt');
  const broken = join(folder, 'broken.txt');
  await writeFile(valid, randomText(1, [...ASCII, 'é', 'ß€', '漢字', '🎉', '\u2028', '\u0085', '\ufeff'], 3000));
  const damage = numbers(2);
  const bytes = Buffer.from(randomText(3, [...ENDS, ...ENDS, 'é', '€', '🎉', 'abc'], 2000));
  for (let i = 0; i < 300; i++) bytes[6 + damage(bytes.length - 12)] = 0x80 + damage(0x80);
  await writeFile(broken, bytes);
  const { kafka, ours } = await both([
    { file: valid, position: 0 },
    { file: broken, position: 0 },
  ]);
  for (const [i, lines] of kafka.entries()) {
    t.strictSame(
      ours[i]!.map(([, text]) => text),
      lines.map(([, text]) => text),
    );
  }
});

t.test(
  'behind other characters Kafka counts UTF-16 units where it means bytes; we count bytes',
  { skip },
  async (t) => {
    const file = join(t.testdir({ 'in.txt': 'é\n🎉\nz\n' }), 'in.txt');
    const { kafka, ours } = await both([{ file, position: 0 }]);
    t.strictSame(kafka, [
      [
        [2, 'é'],
        [5, '🎉'],
        [7, 'z'],
      ],
    ]);
    t.strictSame(ours, [
      [
        [3, 'é'],
        [8, '🎉'],
        [10, 'z'],
      ],
    ]);
    const resumed = await both([{ file, position: 8 }]);
    t.strictSame(
      resumed.kafka[0]?.map(([, text]) => text),
      ['z'],
      'Kafka goes on correctly from our position',
    );
  },
);
