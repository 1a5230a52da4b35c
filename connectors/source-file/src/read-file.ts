import type { BigIntStats } from 'node:fs';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { ConnectError, messageOf, type SourceContext, type SourceRecord } from '@tributary/api';
import { Batches, type Limits } from './batch.ts';
import { FileWatch } from './file-watch.ts';
import { LineBuffer } from './line-buffer.ts';
import { partitionOf, storedPosition } from './offsets.ts';
import { readStream } from './read-stream.ts';

type RecordBatches = AsyncGenerator<readonly SourceRecord[], void, void>;

/**
 * Reads a file from its stored position and follows it: waits for it to be created, for lines to be added and finished,
 * goes over to the new file when it is rotated (renamed, and another created), and starts again when it is truncated.
 */
export async function* readFile(file: string, limits: Limits, context: SourceContext): RecordBatches {
  const { signal, log, offsets } = context;
  const watch = new FileWatch(file);
  try {
    let position = await storedPosition(file, offsets);
    for (;;) {
      const stats = await existing(file, watch, context);
      if (!stats) return;
      if (stats.isDirectory()) throw new ConnectError(`The file '${file}' is a directory; 'file' must name a file`);
      if (!stats.isFile()) {
        log.warn(`'${file}' is not a regular file: it is read from its beginning, and its offsets are not tracked`);
        return yield* readStream(createReadStream(file), limits, context);
      }
      const handle = await opened(file);
      if (!handle) continue; // gone again
      try {
        yield* follow(file, handle, position, { limits, context, watch });
      } finally {
        await handle.close();
      }
      if (signal.aborted) return;
      position = 0;
    }
  } finally {
    watch.close();
  }
}

interface Surroundings {
  readonly limits: Limits;
  readonly context: SourceContext;
  readonly watch: FileWatch;
}

/** Reads one file to its end and beyond, until there is another in its place, or it is truncated, or the task stops. */
async function* follow(file: string, handle: FileHandle, from: number, around: Surroundings): RecordBatches {
  const { signal, log } = around.context;
  const { dev, ino, size } = await handle.stat({ bigint: true });
  let position = from;
  if (from > size) {
    log.warn(
      `File '${file}' is shorter than the position ${from} read so far: it was truncated or replaced, and is read from its beginning`,
    );
    position = 0;
  }
  const lines = new LineBuffer(position);
  const batches = new Batches(around.limits, partitionOf(file), position);
  let replaced = false;
  while (!signal.aborted) {
    const count = await readInto(lines, handle, file);
    batches.reading(lines.position);
    lines.takeLines(batches.add);
    yield* all(batches, count === 0);
    if (count > 0 || signal.aborted) continue;
    if (replaced) {
      // A file that was put aside is complete, and so is its last line.
      lines.takeRest(batches.add);
      yield* all(batches, true);
      log.info(`File '${file}' was replaced after byte ${lines.end}: going on with the new one`);
      return;
    }
    const now = await statOrNull(file);
    if (now && (now.ino !== ino || now.dev !== dev)) {
      replaced = true; // and once more to the old one's end, for what came in between
    } else if (now && now.size < lines.end) {
      log.warn(`File '${file}' was truncated from ${lines.end} to ${now.size} bytes: it is read from its beginning`);
      return;
    } else {
      await around.watch.change(signal);
    }
  }
}

async function readInto(lines: LineBuffer, handle: FileHandle, file: string): Promise<number> {
  const space = lines.space();
  try {
    const { bytesRead } = await handle.read(space, 0, space.length, lines.end);
    lines.wrote(bytesRead);
    return bytesRead;
  } catch (cause) {
    throw new ConnectError(`Cannot read file '${file}' at byte ${lines.end}: ${messageOf(cause)}`, { cause });
  }
}

function* all(batches: Batches, rest: boolean): Generator<readonly SourceRecord[]> {
  for (let batch = batches.full(); batch; batch = batches.full()) yield batch;
  const last = rest ? batches.rest() : null;
  if (last) yield last;
}

/** Waits until the file exists; null if the task stops before. */
async function existing(file: string, watch: FileWatch, { signal, log }: SourceContext): Promise<BigIntStats | null> {
  let told = false;
  while (!signal.aborted) {
    const stats = await statOrNull(file);
    if (stats) return stats;
    if (!told) log.warn(`Couldn't find file '${file}': waiting for it to be created`);
    told = true;
    await watch.change(signal);
  }
  return null;
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

async function statOrNull(file: string): Promise<BigIntStats | null> {
  try {
    return await stat(file, { bigint: true });
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw new ConnectError(`Cannot look at file '${file}': ${messageOf(cause)}`, { cause });
  }
}

async function opened(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, 'r');
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw new ConnectError(`Cannot open file '${file}' for reading: ${messageOf(cause)}`, { cause });
  }
}
