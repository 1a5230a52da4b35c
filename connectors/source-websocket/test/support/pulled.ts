import type { SourceRecord } from '@tributary/api';
import { MemoryOffsets, type SourceRun, startSource } from '@tributary/api/testing';
import type { Tick } from '@tributary/market';
import { FeedServer, type Protocol } from '@tributary/source-simulator/serve';
import webSocketSource from '@tributary/source-websocket';
import type { Test } from 'tap';
import { until } from './until.ts';

export const topic = 'ticks';

/** Pauses and limits of a test: everything happens soon. */
const quick = {
  topic,
  'gaps.topic': 'gaps',
  'reconnect.backoff.ms': '5',
  'reorder.wait.ms': '50',
  'recovery.timeout.ms': '200',
};

/** A source from which records are pulled all the time, as a worker does. */
export class Pulled {
  readonly run: SourceRun;
  /** What the source threw. */
  failure: Error | null = null;
  /** Nobody pulls once there are so many records. */
  limit = Number.POSITIVE_INFINITY;
  readonly #done: Promise<void>;

  constructor(run: SourceRun) {
    this.run = run;
    this.#done = this.#pull();
  }

  get records(): readonly SourceRecord[] {
    return this.run.records;
  }

  get metrics(): SourceRun['metrics'] {
    return this.run.metrics;
  }

  /** Waits until the condition holds. @throws Error with the source's log if it does not */
  async until(condition: (records: readonly SourceRecord[]) => boolean): Promise<void> {
    try {
      await until('the records came', () => this.failure !== null || condition(this.records));
    } catch (error) {
      const lines = this.run.log.map((line) => `${line.level}: ${line.message}`);
      throw new Error([`${(error as Error).message}; ${this.records.length} came`, ...lines].join('\n'));
    }
    if (this.failure !== null) throw this.failure;
  }

  async stop(): Promise<void> {
    await this.run.stop();
    await this.#done;
  }

  async #pull(): Promise<void> {
    while (!this.run.ended) {
      if (this.records.length >= this.limit) await new Promise((resolve) => setTimeout(resolve, 5));
      else
        await this.run.take(1).catch((error: Error) => {
          if (!/ended after|Waited/.test(error.message)) this.failure = error;
        });
    }
  }
}

export async function serve(t: Test, protocol: Protocol): Promise<FeedServer> {
  const server = await new FeedServer(protocol).listen();
  t.teardown(() => server.close());
  return server;
}

export async function start(
  t: Test,
  props: Record<string, string>,
  offsets = new MemoryOffsets(),
  task = 0,
): Promise<Pulled> {
  const tasksMax = Number(props['tasks.max'] ?? 1);
  const run = new Pulled(await startSource(webSocketSource, { ...quick, ...props }, { offsets, tasksMax, task }));
  t.teardown(() => run.stop());
  return run;
}

/** Waits until a client of the server has subscribed to so many symbols. */
export async function subscribed(server: FeedServer, symbols = 1): Promise<void> {
  await until('the source has subscribed', () =>
    [...server.clients].some((client) => !client.dead && client.symbols.size === symbols),
  );
}

export interface GapValue {
  readonly symbol: string;
  readonly from: number | null;
  readonly to: number | null;
  readonly count: number | null;
  readonly recovered: boolean;
  readonly reason: string;
}

export const ticksOf = (records: readonly SourceRecord[]): readonly Tick[] =>
  records.filter((record) => record.topic === topic).map((record) => record.value as Tick);
export const gapsOf = (records: readonly SourceRecord[]): readonly GapValue[] =>
  records.filter((record) => record.topic === 'gaps').map((record) => record.value as GapValue);
export const numbers = (records: readonly SourceRecord[]): readonly number[] =>
  ticksOf(records).map((tick) => Number(tick.sequence));
export const upTo = (count: number, from = 1): readonly number[] => Array.from({ length: count }, (_, i) => from + i);
/** The `message` of a log line that matches. */
export const logged = (log: readonly { readonly message: string }[], pattern: RegExp): boolean =>
  log.some((line) => pattern.test(line.message));
