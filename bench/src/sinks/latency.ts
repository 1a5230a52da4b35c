import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker } from '../../../runtime/src/broker/port.ts';
import { nowMicros } from '../side-by-side/clock.ts';
import { quantile } from '../side-by-side/summary.ts';
import { type Contestant, type SinkJob, startContestant } from './contestant.ts';
import { Prober } from './prober.ts';
import { type LatencyLoad, TickSource } from './tick-source.ts';
import { PARTITIONS } from './ticks.ts';

const WARM_UP_MS = 10_000;

/** From event time to readable, at a fixed rate. */
export interface Latency {
  readonly store: string;
  readonly contestant: Contestant;
  readonly round: number;
  readonly ratePerSecond: number;
  /** Whether every tick that was looked for could be read within a minute; otherwise the figures are of those before. */
  readonly keptUp: boolean;
  readonly samples: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** Of the contestant's process, share of one core. */
  readonly cpu: number;
  /** Of the store's process. */
  readonly storeCpu: number;
  readonly peakRssBytes: number;
  /** How late the records were sent at worst: what this process itself held up. */
  readonly sendLagMs: number;
  readonly loadBefore: number;
}

/** Ticks at a fixed rate, each with the time when it was made; some are looked for in the store until they can be read. */
export async function latency(
  contestant: Contestant,
  job: SinkJob,
  broker: Broker,
  load: LatencyLoad,
  round: number,
): Promise<Latency> {
  const { store, table, topic } = job;
  const loadBefore = loadavg()[0]!;
  await store.createTable(table);
  await broker.topics.create({ name: topic, partitions: PARTITIONS, replicationFactor: 1, configs: {} });
  const process = await startContestant(contestant, job);
  const source = new TickSource(broker, topic, load);
  const probe = new Prober(job, process, source);
  try {
    await source.start();
    const watching = probe.watch();
    await Promise.race([sleep(WARM_UP_MS), watching]);
    const before = { usage: process.usage(), store: store.usage(), at: performance.now() };
    const fromMicros = nowMicros();
    source.worstLagMs = 0;
    await Promise.race([sleep(load.seconds * 1_000), watching]);
    const after = { usage: process.usage(), store: store.usage(), at: performance.now() };
    const untilMicros = nowMicros();
    await source.stop();
    await watching;
    const millis = probe.found
      .filter(({ event }) => event >= fromMicros && event < untilMicros)
      .map(({ event, seen }) => (seen - event) / 1_000)
      .toSorted((a, b) => a - b);
    const share = (from: typeof before.usage, to: typeof before.usage): number =>
      from && to ? (to.cpuSeconds - from.cpuSeconds) / ((after.at - before.at) / 1_000) : Number.NaN;
    return {
      store: store.name,
      contestant,
      round,
      ratePerSecond: load.ratePerSecond,
      keptUp: !probe.gaveUp,
      samples: millis.length,
      p50Ms: quantile(millis, 0.5),
      p99Ms: quantile(millis, 0.99),
      p999Ms: quantile(millis, 0.999),
      maxMs: millis.at(-1) ?? Number.NaN,
      cpu: share(before.usage, after.usage),
      storeCpu: share(before.store, after.store),
      peakRssBytes: after.usage?.peakRssBytes ?? 0,
      sendLagMs: source.worstLagMs,
      loadBefore,
    };
  } finally {
    await source.stop();
    await process.stop();
    await store.dropTable(table);
    await broker.topics.delete([topic]);
  }
}
