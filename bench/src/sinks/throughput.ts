import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessUsage } from '@tributary/services';
import type { Program } from '../side-by-side/program.ts';
import { type Contestant, type SinkJob, startContestant } from './contestant.ts';
import { FIRST_EVENT, PARTITIONS, PROBES } from './ticks.ts';

const POLL_MS = 20;
const TIMEOUT_MS = 300_000;

/** What a run of a full topic showed. */
export interface Throughput {
  readonly store: string;
  readonly contestant: Contestant;
  readonly round: number;
  /** From the first row that could be read to the last. */
  readonly recordsPerSecond: number;
  /** Of the contestant's process, in that time. */
  readonly cpuMicrosPerRecord: number;
  /** Of the store's, in that time. */
  readonly storeCpuMicrosPerRecord: number;
  readonly peakRssBytes: number;
  /** From the start of the process until the first row could be read. */
  readonly firstSeconds: number;
  /** The machine's load average over the minute before. */
  readonly loadBefore: number;
}

/** A topic that was filled before, as fast as it goes, into an empty table. @throws Error unless all of it arrives */
export async function throughput(
  contestant: Contestant,
  job: SinkJob,
  records: number,
  round: number,
): Promise<Throughput> {
  const { store, table } = job;
  const loadBefore = loadavg()[0]!;
  await store.createTable(table);
  const started = performance.now();
  const process = await startContestant(contestant, job);
  try {
    const first = await marked(job, process, 1);
    const done = await marked(job, process, 2 * PARTITIONS);
    const rows = await untilCounted(job, records);
    if (rows !== records) throw new Error(`${contestant}: ${rows} of ${records} rows are in ${store.name}`);
    const seconds = (done.at - first.at) / 1_000;
    return {
      store: store.name,
      contestant,
      round,
      recordsPerSecond: records / seconds,
      cpuMicrosPerRecord: perRecord(first.usage, done.usage, records),
      storeCpuMicrosPerRecord: perRecord(first.storeUsage, done.storeUsage, records),
      peakRssBytes: done.usage?.peakRssBytes ?? 0,
      firstSeconds: (first.at - started) / 1_000,
      loadBefore,
    };
  } finally {
    await process.stop();
    await store.dropTable(table);
  }
}

interface Mark {
  readonly at: number;
  readonly usage: ProcessUsage | undefined;
  readonly storeUsage: ProcessUsage | undefined;
}

/** Waits until `amount` rows of the probe symbols can be read. */
async function marked({ store, table }: SinkJob, process: Program, amount: number): Promise<Mark> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const readable = Promise.all(PROBES.map((symbol) => store.readable(table, symbol, FIRST_EVENT)));
    const rows = (await Promise.race([readable, process.failure])).flat();
    if (rows.length >= amount) return { at: performance.now(), usage: process.usage(), storeUsage: store.usage() };
    if (performance.now() > deadline)
      throw new Error(`${store.name} has ${rows.length} of ${amount} probes after 5 minutes`);
    await sleep(POLL_MS);
  }
}

/** The last rows of the partitions may be there a moment before the last but one. */
async function untilCounted({ store, table }: SinkJob, records: number): Promise<number> {
  const first = await store.count(table);
  if (first === records) return first;
  await sleep(1_000);
  return store.count(table);
}

function perRecord(from: ProcessUsage | undefined, to: ProcessUsage | undefined, records: number): number {
  return from && to ? ((to.cpuSeconds - from.cpuSeconds) * 1e6) / records : Number.NaN;
}
