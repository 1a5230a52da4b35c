import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker, RecordRead } from '../../../runtime/src/broker/port.ts';
import { nowMicros } from '../side-by-side/clock.ts';
import { SCENARIOS, type ScenarioName } from './contestant.ts';

const POLL_MS = 10;
/** A topic that has not grown for so long has all that will come. */
const QUIET_MS = 500;
const TIMEOUT_MS = 120_000;

const textOf = ({ value }: RecordRead): string => Buffer.from(value!).toString('latin1');

/**
 * Waits until a topic has so many records and no more come. Markers of transactions count, so that this says when, not how many.
 * @returns when it had grown for the last time, by `performance.now()`
 */
export async function untilGrown(broker: Broker, topic: string, records: number): Promise<number> {
  const deadline = performance.now() + TIMEOUT_MS;
  let size = 0;
  let grown = performance.now();
  for (;;) {
    const ends = await broker.topics.endOffsets(topic);
    const now = performance.now();
    const found = ends.reduce((sum, { offset }) => sum + offset, 0);
    if (found > size) grown = now;
    size = found;
    if (size >= records && now - grown > QUIET_MS) return grown;
    if (now > deadline) throw new Error(`${topic} has ${size} of ${records} records after 2 minutes`);
    await sleep(POLL_MS);
  }
}

/** Notes for each record how long it took from the feed's sending until it could be read. */
export class Latencies {
  /** Since the last `clear`. */
  readonly micros: number[] = [];
  readonly #pattern: RegExp;
  readonly #reader: ReturnType<Broker['reader']>;
  #failure: Error | undefined;

  constructor(broker: Broker, topic: string, scenario: ScenarioName) {
    this.#pattern = SCENARIOS[scenario].micros;
    this.#reader = broker.reader({
      clientId: 'bench',
      topic,
      onRecords: (records) => this.#take(records),
      onError: (error) => {
        this.#failure = error;
      },
    });
  }

  /** Waits until all that is there has been read. */
  async readToEnd(): Promise<void> {
    await this.#reader.readToEnd();
    if (this.#failure) throw this.#failure;
  }

  clear(): void {
    this.micros.length = 0;
  }

  /** @returns milliseconds, the shortest first */
  async close(): Promise<readonly number[]> {
    await this.#reader.close();
    return this.micros.map((micros) => micros / 1_000).toSorted((a, b) => a - b);
  }

  #take(records: readonly RecordRead[]): void {
    const now = nowMicros();
    for (const record of records) this.micros.push(now - Number(this.#pattern.exec(textOf(record))![1]));
  }
}

/** @throws Error unless a topic has each trade of each symbol once, in order */
export async function check(broker: Broker, topic: string, scenario: ScenarioName, records: number): Promise<void> {
  const pattern = SCENARIOS[scenario].sequence;
  const last = new Map<string, number>();
  let found = 0;
  let wrong: string | undefined;
  const failed = Promise.withResolvers<never>();
  const reader = broker.reader({
    clientId: 'bench',
    topic,
    onError: failed.reject,
    onRecords: (read) => {
      for (const record of read) {
        found++;
        const symbol = Buffer.from(record.key!).toString();
        const sequence = Number(pattern.exec(textOf(record))![1]);
        if (sequence !== (last.get(symbol) ?? 0) + 1) wrong ??= `${symbol} ${sequence} after ${last.get(symbol)}`;
        last.set(symbol, sequence);
      }
    },
  });
  await Promise.race([reader.readToEnd(), failed.promise]);
  await reader.close();
  if (wrong !== undefined) throw new Error(`${topic}: ${wrong}`);
  if (found !== records) throw new Error(`${topic} has ${found} records instead of ${records}`);
}
