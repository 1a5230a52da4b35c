import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker, TopicReader } from '../../../runtime/src/broker/port.ts';

/** A record of the status topic about a task. */
export interface TaskRecord {
  /** `<connector>-<task>`. */
  readonly task: string;
  /** Null: the task is gone. */
  readonly state: string | null;
  readonly worker: string | null;
  /** When it was written, milliseconds since the epoch. */
  readonly at: number;
}

const TASK = 'status-task-';
const POLL_MS = 20;

/** Follows the status topic: what workers wrote when, without asking them. */
export class StatusLog {
  readonly #reader: TopicReader;
  readonly #now = new Map<string, TaskRecord>();
  readonly #all: TaskRecord[] = [];
  #records = 0;
  #failure: Error | undefined;

  constructor(broker: Broker, topic: string) {
    this.#reader = broker.reader({
      clientId: 'bench',
      topic,
      onRecords: (records) => {
        this.#records += records.length;
        for (const { key, value, timestamp } of records) this.#add(String(key), value, timestamp);
      },
      onError: (error) => {
        this.#failure = error;
      },
    });
  }

  /** Records of the topic so far. */
  get records(): number {
    return this.#records;
  }

  /** What was written about tasks since then. */
  since(at: number): readonly TaskRecord[] {
    return this.#all.filter((record) => record.at >= at);
  }

  /** What was written last about each task. */
  get now(): ReadonlyMap<string, TaskRecord> {
    return this.#now;
  }

  /**
   * Waits until so many tasks were last said to be RUNNING, and that since `since`.
   * @returns when the last of them was, milliseconds since the epoch
   * @throws Error when a task fails or the time is up
   */
  async untilRunning(tasks: number, since: number, timeoutMs: number): Promise<number> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      if (this.#failure) throw this.#failure;
      const states = [...this.#now.values()];
      const failed = states.find(({ state, at }) => state === 'FAILED' && at >= since);
      if (failed) throw new Error(`Task ${failed.task} has failed`);
      const running = states.filter(({ state, at }) => state === 'RUNNING' && at >= since);
      if (running.length >= tasks) return running.reduce((last, { at }) => Math.max(last, at), since);
      if (Date.now() > deadline) throw new Error(`After ${timeoutMs} ms ${running.length} of ${tasks} tasks run`);
      await sleep(POLL_MS);
    }
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  #add(key: string, value: Uint8Array | null, at: number): void {
    if (!key.startsWith(TASK)) return;
    const task = key.slice(TASK.length);
    const status = value === null ? null : (JSON.parse(String(Buffer.from(value))) as Record<string, unknown>);
    const record = { task, state: text(status?.['state']), worker: text(status?.['worker_id']), at };
    this.#all.push(record);
    this.#now.set(task, record);
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
