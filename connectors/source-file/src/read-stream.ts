import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { ConnectError, messageOf, type SourceContext, type SourceRecord } from '@tributary/api';
import { Batches, type Limits } from './batch.ts';
import { LineBuffer } from './line-buffer.ts';

/**
 * Reads a stream that cannot be resumed, such as the standard input, to its end. Its records have no offsets. The stream is
 * left open when the task stops, for the next one.
 */
export async function* readStream(
  stream: Readable,
  limits: Limits,
  { signal }: Pick<SourceContext, 'signal'>,
): AsyncGenerator<readonly SourceRecord[], void, void> {
  const lines = new LineBuffer(0);
  const batches = new Batches(limits, null, 0);
  const readable = (): void => {};
  stream.on('readable', readable); // keeps the stream from flowing
  try {
    while (!signal.aborted) {
      const chunk = stream.read() as Buffer | null;
      if (chunk) {
        batches.reading(lines.position);
        feed(lines, chunk, batches);
        for (let batch = batches.full(); batch; batch = batches.full()) yield batch;
        continue;
      }
      const ended = stream.readableEnded || stream.destroyed;
      if (ended) lines.takeRest(batches.add);
      for (let batch = batches.rest(); batch; batch = batches.rest()) yield batch;
      if (ended) return;
      await more(stream, signal);
    }
  } finally {
    stream.off('readable', readable);
    stream.pause();
  }
}

function feed(lines: LineBuffer, chunk: Buffer, batches: Batches): void {
  for (let from = 0; from < chunk.length; ) {
    const count = chunk.copy(lines.space(), 0, from);
    lines.wrote(count);
    lines.takeLines(batches.add);
    from += count;
  }
}

/** Waits until there is something to read, the stream has ended or the task stops. */
async function more(stream: Readable, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal]);
  try {
    await Promise.race(['readable', 'end', 'close'].map((event) => once(stream, event, { signal: either })));
  } catch (cause) {
    if (!signal.aborted) throw new ConnectError(`Cannot read the input: ${messageOf(cause)}`, { cause });
  } finally {
    done.abort();
  }
}
