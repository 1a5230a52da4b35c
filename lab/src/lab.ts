import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePorts, type KafkaHandle, type KafkaLink, kafka } from '@tributary/services';
import { LabWorker } from './lab-worker.ts';
import type { LabOptions } from './options.ts';
import { Rest } from './rest.ts';
import type { Stage } from './schedule.ts';
import { Stretches } from './stretches.ts';
import { TopicLog } from './topic-log.ts';

const STRING = 'org.apache.kafka.connect.storage.StringConverter';
/** The least that brokers allow. */
const SESSION_MS = 6_000;
const PARTITIONS = 3;
const BROKER_HEAP_MB = 300;

export const APPEND = 'append';
export const EXACT = 'exact';

/** How one numbered source differs from the others. */
interface SourceKind {
  readonly name: string;
  readonly props: Readonly<Record<string, string>>;
}

const AT_LEAST_ONCE: readonly SourceKind[] = [{ name: 'numbers', props: {} }];

const EXACTLY_ONCE: readonly SourceKind[] = [
  { name: 'poll', props: { 'exactly.once.support': 'required' } },
  {
    name: 'interval',
    props: { 'transaction.boundary': 'interval', 'transaction.boundary.interval.ms': '700' },
  },
  // With an offsets topic of its own.
  { name: 'connector', props: { 'transaction.boundary': 'connector', 'offsets.storage.topic': 'own-offsets' } },
];

/** All that is set up for a run. */
export class Lab {
  readonly options: LabOptions;
  readonly folder: string;
  readonly sinkFolder: string;
  readonly kafka: KafkaHandle;
  /** The last one is there only for a while, when it joins. */
  readonly workers: readonly LabWorker[];
  readonly rest: Rest;
  readonly log: TopicLog;
  readonly sources: readonly SourceKind[];
  readonly partitions = PARTITIONS;
  /** What was done and seen, with the time since the beginning. */
  readonly history: string[] = [];
  /** What must not be. */
  readonly violations: string[] = [];
  readonly stretches: ReadonlyMap<string, Stretches>;
  readonly offsetsTopic: string;
  /** The numbers in each lane that the sources go up to, once that is settled. */
  count = 0;
  readonly #began = Date.now();
  readonly #print: (line: string) => void;

  private constructor(
    options: LabOptions,
    folder: string,
    cluster: KafkaHandle,
    ports: readonly number[],
    print: (line: string) => void,
  ) {
    this.options = options;
    this.folder = folder;
    this.kafka = cluster;
    this.#print = print;
    this.sinkFolder = join(folder, 'sinks');
    mkdirSync(this.sinkFolder);
    this.sources = options.exactlyOnce ? EXACTLY_ONCE : AT_LEAST_ONCE;
    this.stretches = new Map(this.sources.map(({ name }) => [name, new Stretches(options.lanes)]));
    this.offsetsTopic = 'lab-offsets';
    this.workers = ports.map(
      (port, i) =>
        new LabWorker({
          number: i + 1,
          port,
          folder,
          props: workerProps(options, cluster.links.get(linkOf(i + 1))!.bootstrap),
          onUnexpectedEnd: (worker, how, wasUp) => this.#ended(worker, how, wasUp),
        }),
    );
    this.rest = new Rest(this.workers);
    this.log = new TopicLog(cluster.bootstrap, folder);
  }

  /** Starts the brokers; no workers yet. */
  static async open(options: LabOptions, print: (line: string) => void): Promise<Lab> {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-lab-'));
    // One more, which joins for a while.
    const workers = options.workers > 1 ? options.workers + 1 : 1;
    const cluster = await kafka({
      brokers: options.brokers,
      jit: 'quick',
      ...(options.keep ? { dataDir: join(folder, 'kafka') } : {}),
      heapMb: BROKER_HEAP_MB,
      links: Array.from({ length: workers }, (_none, i) => linkOf(i + 1)),
      properties: {
        // A killed broker can register again only when its session has ended, by default after 9 s.
        'broker.session.timeout.ms': 3_000,
        'broker.heartbeat.interval.ms': 500,
      },
    });
    return new Lab(options, folder, cluster, await freePorts(workers), print);
  }

  get ratePerLane(): number {
    return this.options.rate / (this.sources.length * this.options.lanes);
  }

  get topics(): readonly string[] {
    return this.sources.map(({ name }) => name);
  }

  get stage(): Stage {
    const { brokers, workers, maxTasks } = this.options;
    return { brokers, workers, maxTasks, sessionMs: SESSION_MS, sources: this.topics, sinks: [APPEND, EXACT] };
  }

  /** The way of a worker to the brokers. */
  linksOf(worker: number): KafkaLink {
    return this.kafka.links.get(linkOf(worker))!;
  }

  /** Seconds since the beginning of the run. */
  secondsAt(ms: number): number {
    return (ms - this.#began) / 1000;
  }

  note(line: string): void {
    const text = `${this.secondsAt(Date.now()).toFixed(1).padStart(7)}  ${line}`;
    this.history.push(text);
    this.#print(text);
  }

  violation(line: string): void {
    if (this.violations.includes(line)) return;
    this.violations.push(line);
    this.note(`VIOLATION ${line}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    await this.kafka.stop();
    if (!this.options.keep) rmSync(this.folder, { recursive: true, force: true });
  }

  #ended(worker: LabWorker, how: string, wasUp: boolean): void {
    const line = `worker ${worker.number} ${how} by itself${wasUp ? '' : ' before it was up'}`;
    // One that cannot reach its brokers as it starts may say so and end.
    if (wasUp) this.violation(line);
    else this.note(line);
  }
}

const linkOf = (worker: number): string => `W${worker}`;

function workerProps(options: LabOptions, bootstrap: string): Record<string, string> {
  return {
    'bootstrap.servers': bootstrap,
    'group.id': 'lab',
    'config.storage.topic': 'lab-configs',
    'offset.storage.topic': 'lab-offsets',
    'offset.storage.partitions': '5',
    'status.storage.topic': 'lab-status',
    'plugin.path': resolve(import.meta.dirname, 'plugins'),
    'key.converter': STRING,
    'value.converter': STRING,
    'offset.flush.interval.ms': '1000',
    'session.timeout.ms': String(SESSION_MS),
    'heartbeat.interval.ms': '1500',
    'rebalance.timeout.ms': '20000',
    'scheduled.rebalance.max.delay.ms': '5000',
    'consumer.session.timeout.ms': String(SESSION_MS),
    'consumer.heartbeat.interval.ms': '1500',
    'task.isolation': options.isolation,
    'exactly.once.source.support': options.exactlyOnce ? 'enabled' : 'disabled',
  };
}
