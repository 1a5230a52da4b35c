import { isPlainObject, type Logger, messageOf } from '@tributary/api';
import type { Broker, RecordRead } from '../broker/port.ts';
import { InternalTopic } from './internal-topic.ts';
import { fromJson } from './json.ts';

export type State = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'RESTARTING';

/** The state of a connector or a task as it stands in the status topic. */
export interface Status {
  readonly state: State;
  readonly trace: string | null;
  readonly worker_id: string;
  readonly generation: number;
  readonly version: string | null;
}

const decoder = new TextDecoder();
const CONNECTOR = 'status-connector-';
const TASK = 'status-task-';
const TOPIC = 'status-topic-';
const TOPIC_SEPARATOR = ':connector-';

function statusOf(value: unknown): Status | null {
  if (!isPlainObject(value) || typeof value['state'] !== 'string') return null;
  const { state, trace, worker_id, generation, version } = value;
  return {
    state: state as State,
    trace: typeof trace === 'string' ? trace : null,
    worker_id: String(worker_id ?? ''),
    generation: Number(generation ?? 0),
    version: typeof version === 'string' ? version : null,
  };
}

/** The states of connectors and tasks and the topics they use, kept in the status topic (KafkaStatusBackingStore of Java Connect). */
export class StatusStore {
  readonly #topic: InternalTopic;
  readonly #log: Logger;
  readonly #connectors = new Map<string, Status>();
  readonly #tasks = new Map<string, Map<number, Status>>();
  readonly #topics = new Map<string, Set<string>>();
  /** Writes go out in order, one at a time; what came meanwhile goes together. */
  #queue: Array<readonly [key: string, value: unknown]> = [];
  #writing: Promise<void> | undefined;
  /** How often each key of ours is still to come back from the topic: those records are known already, or even outdated. */
  readonly #echoes = new Map<string, number>();

  constructor(broker: Broker, topic: string, clientId: string, log: Logger) {
    this.#log = log;
    this.#topic = new InternalTopic(broker, topic, clientId, (records) => {
      for (const record of records) this.#read(record);
    });
  }

  async refresh(): Promise<void> {
    await this.#topic.readToEnd();
  }

  connector(name: string): Status | undefined {
    return this.#connectors.get(name);
  }

  task(name: string, task: number): Status | undefined {
    return this.#tasks.get(name)?.get(task);
  }

  /** By task number. */
  tasks(name: string): ReadonlyArray<readonly [number, Status]> {
    return [...(this.#tasks.get(name) ?? [])].sort(([a], [b]) => a - b);
  }

  topics(name: string): readonly string[] {
    return [...(this.#topics.get(name) ?? [])];
  }

  putConnector(name: string, status: Status | null): void {
    this.#put(CONNECTOR + name, status);
  }

  putTask(name: string, task: number, status: Status | null): void {
    this.#put(`${TASK}${name}-${task}`, status);
  }

  putTopic(connector: string, topic: string, task: number): void {
    if (this.#topics.get(connector)?.has(topic)) return;
    this.#put(`${TOPIC}${topic}${TOPIC_SEPARATOR}${connector}`, {
      topic: { name: topic, connector, task, discoverTimestamp: Date.now() },
    });
  }

  removeTopic(connector: string, topic: string): void {
    this.#put(`${TOPIC}${topic}${TOPIC_SEPARATOR}${connector}`, null);
  }

  /** Known here at once, in the topic soon. */
  #put(key: string, value: unknown): void {
    this.#apply(key, value);
    this.#queue.push([key, value]);
    this.#echoes.set(key, (this.#echoes.get(key) ?? 0) + 1);
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        await this.#topic.write(batch);
      } catch (error) {
        this.#log.error(`States could not be stored: ${messageOf(error)}`);
        for (const [key] of batch) this.#takeEcho(key);
      }
    }
    this.#writing = undefined;
  }

  /** Waits for writes under way. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #takeEcho(key: string): boolean {
    const left = this.#echoes.get(key);
    if (left === undefined) return false;
    if (left === 1) this.#echoes.delete(key);
    else this.#echoes.set(key, left - 1);
    return true;
  }

  #read(record: RecordRead): void {
    if (record.key === null) return;
    const key = decoder.decode(record.key);
    if (this.#takeEcho(key)) return;
    try {
      this.#apply(key, record.value === null ? null : fromJson(record.value));
    } catch (error) {
      this.#log.warn(
        `A record of the status topic ${this.#topic.name} is not JSON and is ignored: ${messageOf(error)}`,
        { offset: record.offset },
      );
    }
  }

  #apply(key: string, value: unknown): void {
    if (key.startsWith(CONNECTOR)) {
      const name = key.slice(CONNECTOR.length);
      const status = statusOf(value);
      if (status) this.#connectors.set(name, status);
      else this.#connectors.delete(name);
    } else if (key.startsWith(TASK)) {
      const split = key.lastIndexOf('-');
      const name = key.slice(TASK.length, split);
      const status = statusOf(value);
      const tasks = this.#tasks.get(name) ?? new Map<number, Status>();
      if (status) tasks.set(Number(key.slice(split + 1)), status);
      else tasks.delete(Number(key.slice(split + 1)));
      this.#tasks.set(name, tasks);
    } else if (key.startsWith(TOPIC)) {
      const split = key.indexOf(TOPIC_SEPARATOR);
      const topic = key.slice(TOPIC.length, split);
      const connector = key.slice(split + TOPIC_SEPARATOR.length);
      const topics = this.#topics.get(connector) ?? new Set<string>();
      if (value === null) topics.delete(topic);
      else topics.add(topic);
      this.#topics.set(connector, topics);
    }
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#topic.close();
  }
}
