import { randomBytes } from 'node:crypto';
import { loadavg } from 'node:os';
import { type ProcessUsage, processUsage } from '@tributary/services';
import type { Stage } from '../side-by-side/run.ts';
import { quantile } from '../side-by-side/summary.ts';
import { check, Latencies, untilGrown } from './arrivals.ts';
import { type Contestant, type ScenarioName, type SourceJob, startContestant } from './contestant.ts';
import { Feed } from './feed.ts';
import { symbolNames } from './trade.ts';

const PARTITIONS = 4;
/** At the fixed rate, so that compilers are done, before anything is measured. */
const WARM_UP_SECONDS = 10;

/** How much of what. */
export interface SourceLoad {
  /** As fast as it goes. */
  readonly records: number;
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly symbols: number;
}

/** What a run showed. */
export interface SourceRun {
  readonly scenario: ScenarioName;
  readonly contestant: Contestant;
  readonly round: number;
  /** As fast as it goes, from the order to send until the last record was in the topic. */
  readonly recordsPerSecond: number;
  /** Of the contestant's process meanwhile; and so on for the broker's and the feed's. */
  readonly cpuMicrosPerRecord: number;
  readonly brokerCpuMicrosPerRecord: number;
  readonly feedCpuMicrosPerRecord: number;
  /** At the fixed rate, from the feed's sending until a consumer of committed records has it. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** Of the contestant's process at the fixed rate. */
  readonly cpuMicrosPerRecordAtRate: number;
  readonly brokerCpuMicrosPerRecordAtRate: number;
  /** How late the feed sent at worst, ms: what the machine held up before anybody else. */
  readonly feedLateMs: number;
  readonly rssBytesAtRate: number;
  readonly peakRssBytes: number;
  readonly loadBefore: number;
}

export interface RunOptions {
  readonly load: SourceLoad;
  readonly sourceProps: SourceJob['sourceProps'];
}

/** One run from a cold process: warm up at a fixed rate, the same measured, then as fast as it goes. @throws Error unless each trade arrives once, in order */
export async function runOnce(
  { kafka, broker, folder, workerOptions }: Stage,
  scenario: ScenarioName,
  contestant: Contestant,
  round: number,
  { load, sourceProps }: RunOptions,
): Promise<SourceRun> {
  const loadBefore = loadavg()[0]!;
  const name = `bench-${contestant}-${randomBytes(4).toString('hex')}`;
  await broker.topics.create({ name, partitions: PARTITIONS, replicationFactor: 1, configs: { 'retention.ms': '-1' } });
  const feed = await Feed.start(load.symbols);
  const symbols = symbolNames(load.symbols);
  const job = {
    bootstrap: kafka.bootstrap,
    scenario,
    url: feed.url,
    symbols,
    name,
    folder,
    sourceProps,
    workerOptions,
  };
  const program = await startContestant(contestant, job);
  const usages = (): readonly (ProcessUsage | undefined)[] => [program.usage(), processUsage(kafka.pid), feed.usage()];
  try {
    const guarded = <T>(work: Promise<T>): Promise<T> => Promise.race([work, program.failure]);
    await guarded(feed.subscribed);
    const latencies = new Latencies(broker, name, scenario);
    await guarded(feed.sendAtRate(load.ratePerSecond, WARM_UP_SECONDS));
    await guarded(untilGrown(broker, name, feed.ordered));
    await guarded(latencies.readToEnd());
    latencies.clear();
    const beforeRate = usages();
    const feedLateMs = await guarded(feed.sendAtRate(load.ratePerSecond, load.seconds));
    const afterRate = usages();
    await guarded(latencies.readToEnd());
    const millis = await latencies.close();

    const beforeAll = usages();
    const started = performance.now();
    await guarded(feed.sendAll(load.records));
    const { at, seen } = await guarded(untilDone());
    const [own, ofBroker, ofFeed] = perRecord(beforeAll, seen, load.records);
    const [ownAtRate, ofBrokerAtRate] = perRecord(beforeRate, afterRate, load.ratePerSecond * load.seconds);
    await check(broker, name, scenario, feed.ordered);
    return {
      scenario,
      contestant,
      round,
      recordsPerSecond: load.records / ((at - started) / 1_000),
      cpuMicrosPerRecord: own!,
      brokerCpuMicrosPerRecord: ofBroker!,
      feedCpuMicrosPerRecord: ofFeed!,
      p50Ms: quantile(millis, 0.5),
      p99Ms: quantile(millis, 0.99),
      p999Ms: quantile(millis, 0.999),
      maxMs: millis.at(-1) ?? Number.NaN,
      cpuMicrosPerRecordAtRate: ownAtRate!,
      brokerCpuMicrosPerRecordAtRate: ofBrokerAtRate!,
      feedLateMs,
      rssBytesAtRate: afterRate[0]?.rssBytes ?? 0,
      peakRssBytes: seen[0]?.peakRssBytes ?? 0,
      loadBefore,
    };
  } finally {
    await program.stop();
    await feed.stop();
    const topics = await broker.topics.list();
    await broker.topics.delete(topics.filter((topic) => topic.startsWith(name)));
  }

  async function untilDone() {
    const at = await untilGrown(broker, name, feed.ordered);
    return { at, seen: usages() };
  }
}

function perRecord(
  from: readonly (ProcessUsage | undefined)[],
  to: readonly (ProcessUsage | undefined)[],
  records: number,
): readonly number[] {
  return from.map((before, i) => ((to[i]!.cpuSeconds - before!.cpuSeconds) * 1e6) / records);
}
