import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessUsage } from '@tributary/services';
import type { Destination } from './destinations.ts';
import type { WorkerProcess } from './workers.ts';

/** How often REST and the destination are looked at: the precision of all times. */
const POLL_MS = 10;
const TIMEOUT_MS = 120_000;

/** A run's figures. Times are seconds since the worker's process was started. */
export interface Figures {
  /** Until `GET /health` answered 200: the worker is up and takes requests. */
  readonly restSeconds: number;
  /** Until something was seen at the destination. */
  readonly firstSeconds: number;
  /** Until everything was there. */
  readonly doneSeconds: number;
  /** Records a second from the start of the process to the end. */
  readonly overallPerSecond: number;
  /** Records a second from the first ones seen to the end; null when the first look saw all. */
  readonly flowPerSecond: number | null;
  /** CPU seconds, user and kernel, of the worker's process when everything was there, its start included. */
  readonly cpuSeconds: number;
  /** CPU seconds that were used when the first records were seen. */
  readonly cpuToFirstSeconds: number | null;
  /** CPU microseconds of the whole run per record. */
  readonly cpuMicrosPerRecord: number;
  readonly peakRssBytes: number;
  /** CPU seconds that the broker used meanwhile. */
  readonly brokerCpuSeconds: number;
  /** The machine's load average over the minute before. */
  readonly loadBefore: number;
}

export interface Measured {
  /** Starts the process. */
  start(): WorkerProcess;
  readonly destination: Destination;
  readonly records: number;
  /** What `destination.progress()` says when everything is there; null: the number of records. */
  readonly full: number | null;
  brokerUsage(): ProcessUsage;
}

/** Starts a worker, watches it until its work is done, and stops it. @throws Error with the end of its log if it fails */
export async function measure({ start, destination, records, full, brokerUsage }: Measured): Promise<Figures> {
  const complete = full ?? records;
  const loadBefore = loadavg()[0]!;
  const brokerBefore = brokerUsage().cpuSeconds;
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1_000;
  const worker = start();
  const abort = new AbortController();
  try {
    const rest = untilHealthy(worker.url, abort.signal).then(seconds);
    const work = (async () => {
      const first = await untilReached(destination, 1, abort.signal);
      const firstSeconds = seconds();
      const cpuToFirstSeconds = worker.usage()?.cpuSeconds ?? null;
      await untilReached(destination, complete, abort.signal);
      return { first, firstSeconds, cpuToFirstSeconds, doneSeconds: seconds(), usage: worker.usage() };
    })();
    const late = sleep(TIMEOUT_MS, undefined, { signal: abort.signal }).then(async () => {
      const arrived = `${await destination.progress()} of ${complete}`;
      throw new Error(
        `The worker was not done after ${TIMEOUT_MS / 1_000} s: ${arrived} have arrived\n${await worker.logTail()}`,
      );
    });
    for (const promise of [rest, work, late]) promise.catch(() => undefined);
    const [restSeconds, done] = await Promise.race([Promise.all([rest, work]), worker.failure, late]);
    const usage = done.usage ?? worker.usage();
    if (!usage) throw new Error('The worker did its work, but its process could not be observed');
    const flowSeconds = done.doneSeconds - done.firstSeconds;
    return {
      restSeconds,
      firstSeconds: done.firstSeconds,
      doneSeconds: done.doneSeconds,
      overallPerSecond: records / done.doneSeconds,
      flowPerSecond: done.first >= complete ? null : (records * (1 - done.first / complete)) / flowSeconds,
      cpuSeconds: usage.cpuSeconds,
      cpuToFirstSeconds: done.cpuToFirstSeconds,
      cpuMicrosPerRecord: (usage.cpuSeconds * 1e6) / records,
      peakRssBytes: usage.peakRssBytes,
      brokerCpuSeconds: brokerUsage().cpuSeconds - brokerBefore,
      loadBefore,
    };
  } finally {
    abort.abort();
    await worker.stop();
  }
}

async function untilHealthy(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/health`, { signal }).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function untilReached(destination: Destination, amount: number, signal: AbortSignal): Promise<number> {
  for (;;) {
    const progress = await destination.progress();
    if (progress >= amount) return progress;
    await sleep(POLL_MS, undefined, { signal });
  }
}
