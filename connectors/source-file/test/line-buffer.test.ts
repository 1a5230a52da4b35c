import t from 'tap';
import { LineBuffer } from '../src/line-buffer.ts';

/** Feeds bytes in pieces of a size, and returns the lines with the positions behind them. */
function cut(bytes: Uint8Array, size: number, position = 0): Array<[string, number]> {
  const lines = new LineBuffer(position);
  const taken: Array<[string, number]> = [];
  for (let from = 0; from < bytes.length; from += size) {
    const piece = bytes.subarray(from, from + size);
    for (let at = 0; at < piece.length; ) {
      const count = Buffer.from(piece).copy(lines.space(), 0, at);
      lines.wrote(count);
      at += count;
      lines.takeLines((line, end) => taken.push([line, end]));
    }
  }
  return taken;
}

const SIZES = [1, 2, 3, 5, 7, 1000];

t.test('lines end with \\n, \\r or \\r\\n, wherever the pieces are cut', async (t) => {
  const bytes = Buffer.from('a\nbb\r\nccc\rd\n\n\r\n\r\re\n\r\nf\n');
  const expected = [
    ['a', 2],
    ['bb', 6],
    ['ccc', 10],
    ['d', 12],
    ['', 13],
    ['', 15],
    ['', 16],
    ['', 17],
    ['e', 19],
    ['', 21],
    ['f', 23],
  ];
  for (const size of SIZES) t.strictSame(cut(bytes, size), expected, `pieces of ${size}`);
});

t.test('positions count bytes, and characters are whole wherever the pieces are cut', async (t) => {
  const bytes = Buffer.from('é\n€uro\r\n🎉🎉\rx\nlast é\n');
  const expected = [
    ['é', 103],
    ['€uro', 111],
    ['🎉🎉', 120],
    ['x', 122],
    ['last é', 130],
  ];
  for (const size of SIZES) t.strictSame(cut(bytes, size, 100), expected, `pieces of ${size}`);
});

t.test('bytes that are no UTF-8 become replacement characters and swallow no line end', async (t) => {
  t.strictSame(cut(Buffer.from([0xe2, 0x82, 10, 0x61, 0xff, 13, 10]), 2), [
    ['\ufffd', 3],
    ['a\ufffd', 7],
  ]);
});

t.test('a byte order mark belongs to the first line, as in Kafka', async (t) => {
  t.strictSame(cut(Buffer.from('\ufeffa\n'), 100), [['\ufeffa', 5]]);
});

t.test('what follows the last line end is held back', async (t) => {
  t.strictSame(cut(Buffer.from('a\nb'), 1), [['a', 2]]);
  t.strictSame(cut(Buffer.from('a\nb\r'), 1), [['a', 2]], 'the next byte may be the \\n of \\r\\n');
});

t.test('the rest can be had when no more comes', async (t) => {
  const lines = new LineBuffer(10);
  const taken: Array<[string, number]> = [];
  const take = (line: string, end: number): void => void taken.push([line, end]);
  lines.wrote(Buffer.from('a\nb\r').copy(lines.space()));
  lines.takeLines(take);
  t.equal(lines.position, 12);
  t.equal(lines.end, 14);
  lines.takeRest(take);
  lines.takeRest(take);
  t.strictSame(taken, [
    ['a', 12],
    ['b', 14],
  ]);
});

t.test('lines longer than the buffer are whole, and the buffer shrinks after them', async (t) => {
  const long = 'x'.repeat(3_000_000);
  const bytes = Buffer.from(`a\n${long}\r\nb\né${long}\nc\n`);
  const lines = cut(bytes, 65_536);
  t.strictSame(
    lines.map(([line, end]) => [line.length, end]),
    [
      [1, 2],
      [3_000_000, 3_000_004],
      [1, 3_000_006],
      [3_000_001, 6_000_009],
      [1, 6_000_011],
    ],
  );
});

t.test('a file with \\r only is cut in linear time', async (t) => {
  const count = 500_000;
  const lines = cut(Buffer.from('abcdefgh\r'.repeat(count)), 1 << 18);
  t.equal(lines.length, count - 1);
  t.strictSame(lines.at(-1), ['abcdefgh', (count - 1) * 9]);
});
