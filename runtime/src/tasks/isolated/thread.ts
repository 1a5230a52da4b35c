import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Broker } from '../../broker/port.ts';
import { serveBroker } from '../../broker/remote/index.ts';
import { traceOf } from '../../pipeline/trace.ts';
import type { FromTask, TaskStart } from './messages.ts';
import { heapRanOut, mebibytes, type Place, type PlaceOptions } from './place.ts';

const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './thread-main.ts' : './thread-main.js', import.meta.url);

/** What the thread is made with. */
export interface ThreadData {
  readonly start: TaskStart;
  /** To the broker, where the task has no connections of its own. */
  readonly port: MessagePort | null;
}

function servePort(broker: Broker): MessagePort {
  const { port1, port2 } = new MessageChannel();
  serveBroker(broker, port1);
  return port2;
}

/**
 * By how much V8's own limit is above ours. A heap at V8's limit is collected again and again, for minutes on a busy machine, and one
 * large allocation more ends the whole process: it must not come so far.
 */
const HEAP_MARGIN = 1.5;

/** A thread of this process. */
export function openThread({ start, served, memoryMaxBytes, onMessage, onEnd }: PlaceOptions): Place {
  const port = served && servePort(served);
  const worker = new Worker(ENTRY, {
    workerData: { start, port } satisfies ThreadData,
    transferList: port ? [port] : [],
    name: `${start.spec.id.connector}-${start.spec.id.task}`,
    ...(memoryMaxBytes === null
      ? {}
      : { resourceLimits: { maxOldGenerationSizeMb: mebibytes(memoryMaxBytes * HEAP_MARGIN) } }),
  });
  let trace: string | undefined;
  worker.on('message', (message: FromTask) => onMessage(message));
  worker.on('error', (error: NodeJS.ErrnoException) => {
    trace = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? heapRanOut(memoryMaxBytes) : traceOf(error);
  });
  worker.on('exit', (code) => onEnd(trace ?? `The thread of the task ended with exit code ${code}`));
  return {
    tell: (message) => worker.postMessage(message),
    end: async () => void (await worker.terminate()),
    memoryBytes: async () => {
      // It fails if the thread has ended meanwhile.
      const heap = await worker.getHeapStatistics().catch(() => null);
      return heap && heap.used_heap_size + heap.external_memory;
    },
  };
}
