import { type Logger, messageOf, type TopicPartitionOffset } from '@tributary/api';
import type { Broker, RecordRead } from '../broker/port.ts';
import { within } from '../concurrency/within.ts';
import { InternalTopic } from './internal-topic.ts';
import { fromJson } from './json.ts';
import { givesUp, mayReplace, type Status, statusOf } from './status.ts';

/** How long writes under way may take when the store is closed, in milliseconds. */
const CLOSE_MS = 1_000;

const decoder = new TextDecoder();
const CONNECTOR = 'status-connector-';
const TASK = 'status-task-';
const TOPIC = 'status-topic-';
const TOPIC_SEPARATOR = ':connector-';

/** A topic that a connector uses. */
interface TopicUse {
  readonly topic: unknown;
}

type Value = Status | TopicUse | null;

interface Entry {
  readonly key: string;
  readonly value: Value;
}

/** Whether a worker gives up a connector or task by this value. */
const isGivingUp = (value: Value): value is Status => value !== null && 'state' in value && givesUp(value);

/** What this worker has written to a key and has not read back yet. */
interface Pending {
  /** How many writes are under way. */
  writes: number;
  /** Where the last one that is done is. */
  place: TopicPartitionOffset | null;
  /** What was read of the key meanwhile: its last record. */
  read: { readonly offset: number; readonly value: Value } | null;
}

/**
 * The states of connectors and tasks and the topics they use, kept in the status topic (KafkaStatusBackingStore of Java Connect).
 * What this worker writes is known here at once; for the rest, on every worker each key stands as its last record says.
 */
export class StatusStore {
  readonly #topic: InternalTopic;
  readonly #log: Logger;
  readonly #connectors = new Map<string, Status>();
  readonly #tasks = new Map<string, Map<number, Status>>();
  readonly #topics = new Map<string, Set<string>>();
  /** Writes go out in order, one at a time; what came meanwhile goes together. */
  #queue: Entry[] = [];
  #writing: Promise<void> | undefined;
  readonly #pending = new Map<string, Pending>();
  #started = false;
  /** What was there before this worker started: its generations may be those of a group that is gone. */
  readonly #earlier = new WeakSet<Status>();
  /** What this worker has said since it started. */
  readonly #own = new WeakSet<object>();

  constructor(broker: Broker, topic: string, clientId: string, log: Logger) {
    this.#log = log;
    this.#topic = new InternalTopic(broker, topic, clientId, (records) => {
      for (const record of records) this.#read(record);
    });
  }

  async refresh(): Promise<void> {
    await this.#topic.readToEnd();
    this.#started = true;
  }

  /** Those of which a state is known, of themselves or of a task. */
  connectors(): readonly string[] {
    const withTasks = [...this.#tasks].flatMap(([name, tasks]) => (tasks.size > 0 ? [name] : []));
    return [...new Set([...this.#connectors.keys(), ...withTasks])];
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

  /** Null removes the status. One that gives up what another worker has since a later generation is dropped. */
  putConnector(name: string, status: Status | null): void {
    this.#putStatus(CONNECTOR + name, status, this.connector(name));
  }

  /** As `putConnector`. */
  putTask(name: string, task: number, status: Status | null): void {
    this.#putStatus(`${TASK}${name}-${task}`, status, this.task(name, task));
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

  #putStatus(key: string, status: Status | null, known: Status | undefined): void {
    if (status && known && !this.#earlier.has(known) && !mayReplace(known, status)) return;
    this.#put(key, status);
  }

  /** Known here at once, in the topic soon. */
  #put(key: string, value: Value): void {
    this.#applyOwn(key, value);
    this.#queue.push({ key, value });
    const pending = this.#pending.get(key);
    if (pending) pending.writes++;
    else this.#pending.set(key, { writes: 1, place: null, read: null });
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    while (this.#queue.length > 0) {
      const queue = this.#queue;
      this.#queue = [];
      try {
        // A worker that stood still for a while may not know yet that another one has taken over.
        if (queue.some(({ value }) => isGivingUp(value))) await this.#topic.readToEnd();
        const batch = queue.filter((entry) => this.#holds(entry));
        const places = batch.length === 0 ? [] : await this.#topic.write(batch.map(({ key, value }) => [key, value]));
        batch.forEach(({ key }, i) => {
          this.#pending.get(key)!.place = places[i]!;
        });
      } catch (error) {
        this.#log.error(`States could not be stored: ${messageOf(error)}`);
      }
      for (const { key } of queue) {
        const pending = this.#pending.get(key)!;
        pending.writes--;
        this.#settle(key, pending);
      }
    }
    this.#writing = undefined;
  }

  /** Whether a value may still be written after what was read since it was put. */
  #holds({ key, value }: Entry): boolean {
    const { read } = this.#pending.get(key)!;
    return !isGivingUp(value) || !read?.value || mayReplace(read.value as Status, value);
  }

  /** Once nothing is under way and the last write was read, the topic alone says what the value is. */
  #settle(key: string, { writes, place, read }: Pending): void {
    if (writes > 0 || (place && (read?.offset ?? -1) < place.offset)) return;
    this.#pending.delete(key);
    if (!read) return;
    if (read.offset === place?.offset) this.#applyOwn(key, read.value);
    else this.#accept(key, read.value);
  }

  /** Waits for writes under way. @param timeoutMs at most so long */
  async flush(timeoutMs?: number): Promise<void> {
    if (timeoutMs === undefined) return this.#writing;
    await within(timeoutMs, this.#writing);
  }

  #read({ key: bytes, value: json, offset }: RecordRead): void {
    if (bytes === null) return;
    const key = decoder.decode(bytes);
    let value: Value;
    try {
      value = parsed(key, json === null ? null : fromJson(json));
    } catch (error) {
      this.#log.warn(
        `A record of the status topic ${this.#topic.name} is not JSON and is ignored: ${messageOf(error)}`,
        { offset },
      );
      return;
    }
    if (value && 'state' in value && !this.#started) this.#earlier.add(value);
    const pending = this.#pending.get(key);
    if (pending) {
      pending.read = { offset, value };
      this.#settle(key, pending);
    } else this.#accept(key, value);
  }

  /** Takes over what the topic says, unless it is a late word of another worker about what this one has: then this one says it again. */
  #accept(key: string, value: Value): void {
    const known = isGivingUp(value) ? this.#statusAt(key) : undefined;
    if (known && this.#own.has(known) && !mayReplace(known, value as Status)) this.#put(key, known);
    else this.#apply(key, value);
  }

  #applyOwn(key: string, value: Value): void {
    if (value) this.#own.add(value);
    this.#apply(key, value);
  }

  #statusAt(key: string): Status | undefined {
    if (key.startsWith(CONNECTOR)) return this.#connectors.get(key.slice(CONNECTOR.length));
    const { connector, task } = taskOf(key);
    return this.#tasks.get(connector)?.get(task);
  }

  #apply(key: string, value: Value): void {
    if (key.startsWith(CONNECTOR)) {
      const name = key.slice(CONNECTOR.length);
      if (value) this.#connectors.set(name, value as Status);
      else this.#connectors.delete(name);
    } else if (key.startsWith(TASK)) {
      const { connector, task } = taskOf(key);
      const tasks = this.#tasks.get(connector) ?? new Map<number, Status>();
      if (value) tasks.set(task, value as Status);
      else tasks.delete(task);
      this.#tasks.set(connector, tasks);
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
    await this.flush(CLOSE_MS);
    await this.#topic.close();
  }
}

function taskOf(key: string): { readonly connector: string; readonly task: number } {
  const split = key.lastIndexOf('-');
  return { connector: key.slice(TASK.length, split), task: Number(key.slice(split + 1)) };
}

const parsed = (key: string, json: unknown): Value =>
  key.startsWith(TOPIC) ? (json as TopicUse | null) : statusOf(json);
