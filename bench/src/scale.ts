/** What many connectors and tasks cost: to start, to have, to lose a worker with. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { kafka } from '@tributary/services';
import { openKafka } from '../../runtime/src/broker/kafka/index.ts';
import type { Broker } from '../../runtime/src/broker/port.ts';
import { type ScaleOptions, scaleOptions } from './scale/options.ts';
import { createConnector, type Metrics, metrics, statuses, Times, taskStates } from './scale/rest.ts';
import { connectionsTo } from './scale/sockets.ts';
import { StatusLog } from './scale/status-log.ts';
import { javaWorker, type ScaleWorker, tributaryWorker, usageOf } from './scale/workers.ts';
import { TOPICS, WORKLOADS } from './scale/workloads.ts';
import { save, setting } from './side-by-side/results.ts';

export { SCALE_HELP } from './scale/options.ts';

const GROUP = 'scale';
const LONGEST_MS = 300_000;
/** How often REST is asked while the workers start, and metrics while sinks get their partitions. */
const ASK_EVERY_MS = 500;

type Figures = Record<string, unknown>;

export async function scaleBench(args: readonly string[]): Promise<void> {
  const options = scaleOptions(args);
  const where = await setting();
  const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  // Workers are children of this process and die in its exit handlers: a signal must go through them.
  const onSignal = (): never => process.exit(130);
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const server = await kafka({
    properties: { 'group.initial.rebalance.delay.ms': options.initialDelayMs },
  });
  const broker = await openKafka({ configs: { 'bootstrap.servers': server.bootstrap }, clientId: 'bench' });
  let workers: readonly ScaleWorker[] = [];
  try {
    workers = await makeWorkers(options, server.bootstrap, folder);
    const run = new Run(options, workers, broker, server, folder);
    const figures = await run.all();
    console.log(JSON.stringify(figures, null, 1));
    console.log(`\nAll figures: ${await save(options.save, { ...where, options, figures })}`);
  } finally {
    await Promise.allSettled(workers.map((worker) => worker.kill()));
    await broker.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
    process.removeListener('SIGINT', onSignal).removeListener('SIGTERM', onSignal);
  }
}

function makeWorkers(options: ScaleOptions, bootstrap: string, folder: string): Promise<readonly ScaleWorker[]> {
  const props = {
    'scheduled.rebalance.max.delay.ms': String(options.maxDelayMs),
    ...(options.exactlyOnce ? { 'exactly.once.source.support': 'enabled' } : {}),
    ...options.workerProps,
  };
  const place = (number: number) => ({ bootstrap, groupId: GROUP, folder: join(folder, `worker-${number}`), props });
  return Promise.all(
    Array.from({ length: options.workers }, (_, number) =>
      options.java ? javaWorker(place(number), options.javaHeapMb) : tributaryWorker(place(number), options.nodeArgs),
    ),
  );
}

class Run {
  readonly #options: ScaleOptions;
  readonly #workers: readonly ScaleWorker[];
  readonly #broker: Broker;
  readonly #server: { readonly pid: number; readonly bootstrap: string };
  readonly #folder: string;
  readonly #brokerPort: number;
  /** The longest that the event loop of a worker stood still, milliseconds, since the phase began. */
  #stoodStillMs = 0;
  #log!: StatusLog;

  constructor(
    options: ScaleOptions,
    workers: readonly ScaleWorker[],
    broker: Broker,
    server: { readonly pid: number; readonly bootstrap: string },
    folder: string,
  ) {
    this.#options = options;
    this.#workers = workers;
    this.#broker = broker;
    this.#server = server;
    this.#folder = folder;
    this.#brokerPort = Number(server.bootstrap.split(':').at(-1));
  }

  get #tasks(): number {
    return this.#options.connectors * this.#options.tasks;
  }

  async all(): Promise<Figures> {
    const figures: Figures = {};
    const note = async (name: string, phase: () => Promise<Figures>): Promise<void> => {
      this.#stoodStillMs = 0;
      figures[name] = await phase();
      console.error(`${name}: ${JSON.stringify(figures[name])}`);
    };
    for (const name of TOPICS)
      await this.#broker.topics.create({ name, partitions: this.#options.tasks, replicationFactor: 1, configs: {} });
    await note('empty', () => this.#startWorkers());
    this.#log = new StatusLog(this.#broker, `${GROUP}-status`);
    try {
      await note('create', () => this.#create());
      await note('idle', () => this.#idle());
      if (this.#workers.length > 1) {
        await note('kill -9 and restart one', () => this.#bounceOne());
        await note('lose a worker', () => this.#loseOne());
      } else if (!this.#options.java) {
        await note('restart', () => this.#restart((worker) => worker.stop()));
        await note('kill -9 and restart', () => this.#restart((worker) => worker.kill()));
      }
      await note('stop', () => this.#stop());
    } finally {
      await this.#log.close();
    }
    return figures;
  }

  async #startWorkers(): Promise<Figures> {
    const started = performance.now();
    await Promise.all(this.#workers.map((worker) => worker.start()));
    return { healthySeconds: since(started), ...this.#uses() };
  }

  /** One connector after another, without a pause. */
  async #create(): Promise<Figures> {
    const { connectors, tasks, workload } = this.#options;
    const at = Date.now();
    const before = this.#cpu();
    const posts = new Times();
    const rest = this.#askMeanwhile();
    const started = performance.now();
    for (let number = 0; number < connectors; number++) {
      const config = WORKLOADS[workload].config(number, { tasks, folder: this.#folder });
      const { url } = this.#workers[number % this.#workers.length]!;
      await posts.of(() => createConnector(url, `${workload}-${number}`, config));
    }
    const postedSeconds = since(started);
    const runningAt = await this.#log.untilRunning(this.#tasks, at, LONGEST_MS);
    const assignedSeconds = await this.#untilAssigned(started);
    return {
      postedSeconds,
      postMs: posts.summary,
      runningSeconds: (runningAt - at) / 1_000,
      assignedSeconds,
      statusesMs: await rest(),
      statusRecords: this.#log.since(at).length,
      cpuSeconds: difference(this.#cpu(), before),
      eventLoopMs: await this.#eventLoop(),
      tasksByWorker: this.#byWorker(),
    };
  }

  async #idle(): Promise<Figures> {
    const { idleSeconds } = this.#options;
    await sleep(3_000);
    await this.#eventLoop();
    this.#stoodStillMs = 0;
    const before = this.#cpu();
    const records = this.#log.records;
    const started = performance.now();
    await sleep(idleSeconds * 1_000);
    const seconds = since(started);
    const used = difference(this.#cpu(), before);
    const eventLoopMs = await this.#eventLoop();
    const [metricsTimes, statusTimes] = [new Times(), new Times()];
    for (let i = 0; i < 5; i++) {
      await statusTimes.of(() => statuses(this.#workers[0]!.url));
      if (!this.#options.java) await metricsTimes.of(() => metrics(this.#workers[0]!.url));
    }
    return {
      cpuShare: Object.fromEntries(Object.entries(used).map(([name, cpu]) => [name, round(cpu / seconds)])),
      statusRecords: this.#log.records - records,
      eventLoopMs,
      metricsMs: metricsTimes.summary,
      statusesMs: statusTimes.summary,
      ...this.#uses(),
    };
  }

  async #restart(end: (worker: ScaleWorker) => Promise<void>): Promise<Figures> {
    const [worker] = this.#workers;
    const ending = performance.now();
    await end(worker!);
    const endSeconds = since(ending);
    const at = Date.now();
    const started = performance.now();
    const rest = this.#askMeanwhile();
    await worker!.start();
    const healthySeconds = since(started);
    const runningAt = await this.#log.untilRunning(this.#tasks, at, LONGEST_MS);
    const assignedSeconds = await this.#untilAssigned(started);
    return {
      endSeconds,
      healthySeconds,
      runningSeconds: (runningAt - at) / 1_000,
      assignedSeconds,
      statusesMs: await rest(),
      eventLoopMs: await this.#eventLoop(),
      ...this.#uses(),
    };
  }

  /** The last worker, and whose tasks are whose. */
  #last() {
    const lost = this.#workers.at(-1)!;
    const lostId = new URL(lost.url).host;
    const tasks = [...this.#log.now.values()];
    const theirs = new Set(tasks.filter(({ worker }) => worker !== lostId).map(({ task }) => task));
    return { lost, lostId, theirs, orphans: tasks.length - theirs.size };
  }

  /** Kills the last worker and starts it again at once. */
  async #bounceOne(): Promise<Figures> {
    const { lost, theirs, orphans } = this.#last();
    const at = Date.now();
    await lost.kill();
    await lost.start();
    const healthySeconds = (Date.now() - at) / 1_000;
    const runningAt = await this.#log.untilRunning(orphans, at, LONGEST_MS);
    const touched = this.#log.since(at).filter(({ task }) => theirs.has(task)).length;
    return { orphans, healthySeconds, runningSeconds: (runningAt - at) / 1_000, otherTasksTouched: touched };
  }

  /** Kills the last worker and watches the tasks of the others; then it comes back. */
  async #loseOne(): Promise<Figures> {
    const { lost, lostId, theirs, orphans } = this.#last();
    const staying = this.#workers.slice(0, -1);
    const polled = await progress(staying);
    const at = Date.now();
    await lost.kill();
    const deadline = at + LONGEST_MS;
    // Until nothing is said to run there any more.
    while ([...this.#log.now.values()].some(({ worker, state }) => worker === lostId || state !== 'RUNNING')) {
      if (Date.now() > deadline) throw new Error('The tasks of the worker that was killed were not taken over');
      await sleep(ASK_EVERY_MS);
    }
    const records = this.#log.since(at);
    const takenOverAt = records.reduce((last, record) => Math.max(last, record.at), at);
    const later = await progress(staying);
    const restarted = [...polled].filter(([task, count]) => (later.get(task) ?? 0) < count).length;
    const result = {
      orphans,
      takenOverSeconds: (takenOverAt - at) / 1_000,
      otherTasksTouched: records.filter(({ task }) => theirs.has(task)).length,
      otherCountersReset: restarted,
      tasksByWorker: this.#byWorker(),
    };
    const backAt = Date.now();
    await lost.start();
    await this.#untilBalanced(backAt);
    const moved = new Set(this.#log.since(backAt).map(({ task }) => task)).size;
    return { ...result, backSeconds: (Date.now() - backAt) / 1_000, movedBack: moved, balanced: this.#byWorker() };
  }

  /** All run, and no worker has more than one task more than another. */
  async #untilBalanced(since: number): Promise<void> {
    while (true) {
      const counts = Object.values(this.#byWorker());
      const all = [...this.#log.now.values()].every(({ state }) => state === 'RUNNING');
      const even = counts.length === this.#workers.length && Math.max(...counts) - Math.min(...counts) <= 1;
      if (all && even) return;
      if (Date.now() - since > LONGEST_MS) throw new Error(`Not balanced: ${JSON.stringify(this.#byWorker())}`);
      await sleep(ASK_EVERY_MS);
    }
  }

  async #stop(): Promise<Figures> {
    const started = performance.now();
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    return { endSeconds: since(started) };
  }

  /** Asks the first worker for all states again and again. @returns ends it, with the times of the answers */
  #askMeanwhile(): () => Promise<Times['summary']> {
    const times = new Times();
    const ended = new AbortController();
    const { signal } = ended;
    const asking = (async () => {
      while (!signal.aborted) {
        await times
          .of(async () => taskStates(await statuses(this.#workers[0]!.url)))
          // Not up yet.
          .catch(() => {});
        await sleep(ASK_EVERY_MS, undefined, { signal }).catch(() => {});
      }
    })();
    return async () => {
      ended.abort();
      await asking;
      return times.summary;
    };
  }

  /** Waits until every sink task has its partition. @returns seconds; null where there are no sinks or none can tell */
  async #untilAssigned(started: number): Promise<number | null> {
    const { workload, java, connectors, tasks } = this.#options;
    if (java || workload === 'sources') return null;
    const sinks = workload === 'sinks' ? connectors : Math.floor(connectors / 2);
    for (;;) {
      const all = await this.#metrics();
      const assigned = all.reduce((sum, one) => sum + one.sum('kafka_connect_sink_task_metrics_partition_count'), 0);
      if (assigned >= sinks * tasks) return since(started);
      if (since(started) * 1_000 > LONGEST_MS)
        throw new Error(`${assigned} of ${sinks * tasks} partitions are assigned`);
      await sleep(ASK_EVERY_MS);
    }
  }

  #byWorker(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { worker } of this.#log.now.values()) if (worker) counts[worker] = (counts[worker] ?? 0) + 1;
    return counts;
  }

  async #eventLoop(): Promise<number | null> {
    if (this.#options.java) return null;
    await this.#metrics();
    return this.#stoodStillMs;
  }

  /** Of every worker. */
  async #metrics(): Promise<readonly Metrics[]> {
    const all = await Promise.all(this.#workers.map(({ url }) => metrics(url)));
    // Workers forget the longest time once they have told it.
    const longest = all.map((one) => one.sum('nodejs_eventloop_lag_max_seconds') * 1_000);
    this.#stoodStillMs = Math.max(this.#stoodStillMs, ...longest.map(Math.round));
    return all;
  }

  #cpu(): Record<string, number> {
    return {
      ...Object.fromEntries(this.#workers.map((worker, i) => [`worker ${i + 1}`, worker.usage().cpuSeconds])),
      broker: usageOf(this.#server.pid).cpuSeconds,
    };
  }

  #uses(): Figures {
    const mib = (bytes: number): number => Math.round(bytes / 1_048_576);
    return {
      rssMib: this.#workers.map((worker) => mib(worker.usage().rssBytes)),
      peakRssMib: this.#workers.map((worker) => mib(worker.usage().peakRssBytes)),
      connections: this.#workers.map(({ pid }) => connectionsTo(pid, this.#brokerPort)),
    };
  }
}

/** Records that each task has had so far, by its labels. */
async function progress(workers: readonly ScaleWorker[]): Promise<ReadonlyMap<string, number>> {
  const all = await Promise.all(workers.map(({ url }) => metrics(url)));
  return new Map(
    all.flatMap((one) =>
      ['source_task_metrics_source_record_poll_total', 'sink_task_metrics_sink_record_read_total'].flatMap((name) => [
        ...one.of(`kafka_connect_${name}`),
      ]),
    ),
  );
}

const round = (number: number): number => Math.round(number * 1_000) / 1_000;
const since = (started: number): number => round((performance.now() - started) / 1_000);

function difference(now: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>) {
  return Object.fromEntries(Object.entries(now).map(([name, value]) => [name, round(value - (before[name] ?? 0))]));
}
