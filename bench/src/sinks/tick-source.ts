import type { Broker, RecordToSend } from '../../../runtime/src/broker/port.ts';
import { nowMicros } from '../side-by-side/clock.ts';
import { PARTITIONS, PROBES, probeSymbol, symbolOf, tickRecord } from './ticks.ts';

const SEND_EVERY_MS = 5;
/** One record of so many is looked for. */
const PROBE_EVERY = 85;
/** So many of them in a row are of the same partition, so that mostly one has to be looked at. */
const PROBES_IN_A_ROW = 200;

export interface LatencyLoad {
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly symbols: number;
}

/** Sends ticks at a fixed rate, whatever becomes of them. */
export class TickSource {
  /** Event times of probes that were sent and not seen yet, microseconds, by symbol. */
  readonly outstanding: ReadonlyMap<string, Set<number>> = new Map(PROBES.map((symbol) => [symbol, new Set()]));
  running = true;
  worstLagMs = 0;
  readonly #broker: Broker;
  readonly #topic: string;
  readonly #load: LatencyLoad;
  #stopped: Promise<void> | undefined;
  #end: (() => Promise<void>) | undefined;

  constructor(broker: Broker, topic: string, load: LatencyLoad) {
    this.#broker = broker;
    this.#topic = topic;
    this.#load = load;
  }

  async start(): Promise<void> {
    const producer = await this.#broker.producer({ clientId: 'bench' });
    const { ratePerSecond } = this.#load;
    const failed = Promise.withResolvers<never>();
    failed.promise.catch((error: unknown) => {
      throw error;
    });
    const started = performance.now();
    let sent = 0;
    let lastTurn = started;
    const timer = setInterval(() => {
      const now = performance.now();
      this.worstLagMs = Math.max(this.worstLagMs, now - lastTurn - SEND_EVERY_MS);
      lastTurn = now;
      const due = Math.floor(((now - started) / 1_000) * ratePerSecond);
      const records: RecordToSend[] = [];
      // Distinct event times, so that every tick is a row of its own.
      let micros = nowMicros() - (due - sent);
      for (; sent < due; sent++) records.push(this.#record(sent, micros++));
      if (records.length > 0) producer.send(records).catch(failed.reject);
    }, SEND_EVERY_MS);
    this.#end = async () => {
      clearInterval(timer);
      this.running = false;
      await producer.close();
    };
  }

  #record(index: number, micros: number): RecordToSend {
    if (index % PROBE_EVERY !== 0) {
      const { symbol, partition } = symbolOf(index, this.#load.symbols);
      return tickRecord(this.#topic, partition, symbol, micros, index);
    }
    const partition = Math.floor(index / PROBE_EVERY / PROBES_IN_A_ROW) % PARTITIONS;
    const symbol = probeSymbol(partition);
    this.outstanding.get(symbol)!.add(micros);
    return tickRecord(this.#topic, partition, symbol, micros, index);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end?.() ?? Promise.resolve();
    return this.#stopped;
  }
}
