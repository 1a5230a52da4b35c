import { open } from 'node:fs/promises';
import { ConnectError, messageOf } from '@tributary/api';
import type { Line } from './line.ts';

/** Where lines go. */
export interface Output {
  /** Resolves when the operating system has all of them. */
  write(lines: readonly Line[]): Promise<void>;
  close(): Promise<void>;
}

/** Joins lines in one piece, each with its \n: text where all are text, else bytes. */
export function join(lines: readonly Line[]): string | Uint8Array {
  if (lines.every((line) => typeof line === 'string')) return `${lines.join('\n')}\n`;
  return Buffer.concat(lines.flatMap((line) => [typeof line === 'string' ? Buffer.from(line) : line, NEWLINE]));
}

const NEWLINE = Buffer.from('\n');

/** Opens a file for appending. @throws ConnectError if that is impossible; `write` does if not all could be written */
export async function openFile(file: string): Promise<Output> {
  const handle = await open(file, 'a').catch((cause: unknown) => {
    throw new ConnectError(`Couldn't find or create file '${file}': ${messageOf(cause)}`, { cause });
  });
  return {
    async write(lines) {
      try {
        await handle.appendFile(join(lines));
      } catch (cause) {
        throw new ConnectError(`Cannot write to file '${file}': ${messageOf(cause)}`, { cause });
      }
    },
    close: () => handle.close(),
  };
}

/** The worker's standard output, which stays open. */
export function standardOutput(stream: NodeJS.WritableStream = process.stdout): Output {
  return {
    write: (lines) =>
      new Promise((done, fail) => {
        stream.write(join(lines), (cause) => {
          if (cause) fail(new ConnectError(`Cannot write to the standard output: ${messageOf(cause)}`, { cause }));
          else done();
        });
      }),
    close: async () => {},
  };
}
