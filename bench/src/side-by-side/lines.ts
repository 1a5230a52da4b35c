import { createHash, type Hash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** The length of each line of the input, without its newline. */
export const LINE_BYTES = 120;

/** The topics of a sink get their records in batches of Kafka's default `batch.size`, as from most producers. */
export const INPUT_BATCH_BYTES = 16_384;

const SYMBOLS = ['NESN.SW', 'AAPL', 'MSFT', 'BTC-USD', 'EURUSD=X', 'SAP.DE', 'TSLA', '^GSPC'];
const LINES_PER_WRITE = 5_000;

/** What some text must be, without keeping the text. Every line in it ends with a newline. */
export interface Digest {
  readonly lines: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Takes lines one after the other and tells their digest. */
export class Digester {
  readonly #hash: Hash = createHash('sha256');
  #lines = 0;
  #bytes = 0;

  /** @param text whole lines, each with its newline */
  add(text: string | Uint8Array, lines: number): void {
    this.#hash.update(text);
    this.#lines += lines;
    this.#bytes += typeof text === 'string' ? Buffer.byteLength(text) : text.length;
  }

  end(): Digest {
    return { lines: this.#lines, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}

/** The text in the field `note` of line `n`: different in every line, and padded so that all lines are equally long. */
function noteOf(n: number, bytes: number): string {
  return `tick ${n} `.padEnd(bytes, '.');
}

/** Line `n` of the input: a tick as JSON, and the text of its field `note`. */
export function lineOf(n: number): { readonly line: string; readonly note: string } {
  const symbol = SYMBOLS[n % SYMBOLS.length]!;
  const price = (100 + (n % 5_000) / 100).toFixed(2);
  const start = `{"symbol":"${symbol}","price":${price},"size":${100 * (1 + (n % 50))},"sequence":${n},"note":"`;
  const note = noteOf(n, LINE_BYTES - start.length - 2);
  return { line: `${start}${note}"}`, note };
}

/** The digests of an input's lines, and of their notes. */
export interface Input {
  readonly records: number;
  readonly lines: Digest;
  readonly notes: Digest;
}

/** Writes `records` lines into a new file. */
export async function writeInput(file: string, records: number): Promise<Input> {
  const lines = new Digester();
  const notes = new Digester();
  const handle = await open(file, 'wx');
  try {
    for (let from = 0; from < records; from += LINES_PER_WRITE) {
      const count = Math.min(LINES_PER_WRITE, records - from);
      const made = Array.from({ length: count }, (_, i) => lineOf(from + i));
      const text = made.map(({ line }) => `${line}\n`).join('');
      lines.add(text, count);
      notes.add(made.map(({ note }) => `${note}\n`).join(''), count);
      await handle.appendFile(text);
    }
  } finally {
    await handle.close();
  }
  return { records, lines: lines.end(), notes: notes.end() };
}
