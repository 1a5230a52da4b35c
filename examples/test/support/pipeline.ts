/** A worker with the market simulator, as a user would run it: started by the command, told what to do over its REST API. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import { freePorts } from '@tributary/services';
import type { Test } from 'tap';
import { type WorkerProcess, workerProcess } from '../../../runtime/test/support/process.ts';
import { type Answer, answerOf, tempDir, until } from '../../../runtime/test/support/worker.ts';
import { type ExampleStore, example, sortedTicks, type TickText } from './stores.ts';

const CONVERTERS = {
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
};

let topics = 0;

/** A topic's name, and a table's, that nobody else has. */
export const newTopic = (): string => `ticks_${process.pid}_${++topics}`;

export interface PipelineOptions {
  readonly topic: string;
  /** Whether each record carries its schema. */
  readonly schemas: boolean;
  /** Of the worker; without `bootstrap.servers` it has an embedded log. */
  readonly props?: Props;
}

export class Pipeline {
  readonly topic: string;
  readonly dir: string;
  readonly #t: Test;
  readonly #props: Props;
  readonly #schemas: boolean;
  #port = 0;
  #worker!: WorkerProcess;

  private constructor(t: Test, { topic, schemas, props = {} }: PipelineOptions) {
    this.#t = t;
    this.topic = topic;
    this.dir = tempDir(t);
    this.#schemas = schemas;
    this.#props = {
      'bootstrap.servers': `embedded:${join(this.dir, 'log')}`,
      ...CONVERTERS,
      'value.converter.schemas.enable': String(schemas),
      'offset.flush.interval.ms': '500',
      'log.level': 'warn',
      ...props,
    };
  }

  static async start(t: Test, options: PipelineOptions): Promise<Pipeline> {
    const pipeline = new Pipeline(t, options);
    [pipeline.#port = 0] = await freePorts(1);
    await pipeline.restart();
    return pipeline;
  }

  /** After a kill: the same worker again. */
  async restart(): Promise<void> {
    this.#worker = await workerProcess(this.#t, this.dir, this.#port, this.#props);
  }

  kill(): Promise<void> {
    return this.#worker.kill();
  }

  stop(): Promise<number | null> {
    return this.#worker.stop();
  }

  get output(): string {
    return this.#worker.output();
  }

  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    const content = body === undefined ? {} : { headers, body: JSON.stringify(body) };
    return answerOf(await fetch(this.#worker.url + path, { method, ...content }));
  }

  async create(name: string, config: Props): Promise<void> {
    const { status, text } = await this.call('POST', '/connectors', { name, config });
    if (status !== 201) throw new Error(text);
  }

  /** Ticks of a made-up market into the topic, and the topic's records into a file beside. */
  async makeTicks(count: number, perSecond: number): Promise<void> {
    await this.create('market', {
      'connector.class': 'MarketSimulator',
      topic: this.topic,
      'symbols.count': '20',
      limit: String(count),
      'rate.per.second': String(perSecond),
      'topic.creation.default.partitions': '3',
      'topic.creation.default.replication.factor': '1',
    });
    await this.watch();
  }

  /** The topic's records as text, into a file. */
  async watch(topic = this.topic): Promise<void> {
    await this.create(`${topic}-to-file`, {
      'connector.class': 'FileStreamSink',
      topics: topic,
      file: join(this.dir, `${topic}.jsonl`),
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    });
  }

  /** What `watch` has seen so far. */
  lines(topic = this.topic): readonly string[] {
    const file = join(this.dir, `${topic}.jsonl`);
    return existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];
  }

  /** Starts an example. @returns its connector's name */
  async runExample(store: ExampleStore, changes: Props = {}): Promise<string> {
    const name = store.file.replace('.json', '');
    await this.create(name, { ...example(store.file, this.topic), ...store.place, ...changes });
    return name;
  }

  /** Waits until a sink's group has committed so many records. @throws Error if it fails */
  async untilAt(name: string, records: number): Promise<void> {
    await until(async () => {
      const [status, offsets] = await Promise.all([
        this.call('GET', `/connectors/${name}/status`),
        this.call('GET', `/connectors/${name}/offsets`),
      ]);
      const failed = status.json?.tasks?.find((task: { state: string }) => task.state === 'FAILED');
      if (failed) throw new Error(failed.trace);
      return sumOf(offsets.json?.offsets ?? []) >= records;
    }, 100);
  }

  async untilState(name: string, state: string): Promise<void> {
    await until(async () => {
      const { json } = await this.call('GET', `/connectors/${name}/status`);
      return json?.connector?.state === state && json.tasks.every((task: { state: string }) => task.state === state);
    }, 50);
  }

  /** Has a sink read its topics from the beginning. */
  async replay(name: string): Promise<void> {
    await this.call('PUT', `/connectors/${name}/stop`);
    await this.untilState(name, 'STOPPED');
    const { status, text } = await this.call('DELETE', `/connectors/${name}/offsets`);
    if (status !== 200) throw new Error(text);
    await this.call('PUT', `/connectors/${name}/resume`);
  }

  /** The ticks of the topic, sorted; of those that have the key in common the last. */
  ticks(key: readonly string[] = ['symbol', 'sequence']): readonly TickText[] {
    const rows = this.lines().map((line): Readonly<Record<string, unknown>> => {
      const json = JSON.parse(line);
      return this.#schemas ? json.payload : json;
    });
    return sortedTicks([...new Map(rows.map((row) => [key.map((name) => row[name]).join(), row])).values()]);
  }
}

function sumOf(offsets: ReadonlyArray<{ readonly offset: { readonly kafka_offset: number } }>): number {
  return offsets.reduce((sum, { offset }) => sum + offset.kafka_offset, 0);
}
