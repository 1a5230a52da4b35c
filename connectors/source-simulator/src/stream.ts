import type { SourcePartition, SourceRecord } from '@tributary/api';
import { type Tick, tickRecord } from '@tributary/market';
import { NO_LABEL, priceFactor } from './anomalies.ts';
import { intradayCurve, type Load, SECONDS, ticksBefore } from './load.ts';
import type { Position } from './position.ts';
import type { SymbolPrice } from './prices.ts';
import { combine, hash, mix, uniform } from './random.ts';

export const MINUTE_US = 60_000_000;
const STREAM = 0x1b56c4e9;

export interface StreamSettings {
  /** From 0. The stream is the exchange `SIM<number>`. */
  readonly number: number;
  readonly seed: number;
  readonly topic: string;
  readonly partition: SourcePartition;
  readonly prices: readonly SymbolPrice[];
  readonly load: Load;
  /** The difference of ask and bid, as a part of the price. */
  readonly spread: number;
  /** The stream ends with this sequence; Infinity for never. */
  readonly limit: number;
}

/**
 * One exchange of the market: a sequence of ticks, each computed from the seed, the minute, the stream and the tick's number in
 * its minute. So a stream can be entered at any tick for the price of preparing a minute.
 */
export class Stream {
  readonly #settings: StreamSettings;
  readonly #exchange: string;
  /** Ticks before each second of the minute. */
  readonly #before = new Float64Array(SECONDS + 1);
  #minute: number;
  #tick: number;
  #sequence: number;
  /** The second of the next tick, and the key of the minute's draws. */
  #second = 0;
  #key = 0;
  #nextTime = 0;
  /** How much is traded at this time of the day. */
  #activity = 1;

  constructor(settings: StreamSettings, position: Position) {
    this.#settings = settings;
    this.#exchange = `SIM${settings.number}`;
    this.#minute = position.minute;
    this.#tick = position.tick;
    this.#sequence = position.sequence;
    this.#prepareMinute();
    this.#findTick();
    if (position.from !== undefined) this.skipTo(position.from);
  }

  /** How many ticks there were. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Whether the limit is reached. */
  get ended(): boolean {
    return this.#sequence >= this.#settings.limit;
  }

  /** When the next tick happens, in microseconds since 1970; Infinity at the end. */
  get nextTime(): number {
    return this.ended ? Number.POSITIVE_INFINITY : this.#nextTime;
  }

  /** Passes over the ticks before a time (microseconds) without making them. The sequence goes on without a gap. */
  skipTo(time: number): void {
    const minute = Math.floor(time / MINUTE_US);
    if (minute > this.#minute) {
      this.#minute = minute;
      this.#tick = 0;
      this.#prepareMinute();
      this.#findTick();
    }
    if (minute === this.#minute) {
      const second = Math.floor((time - minute * MINUTE_US) / 1_000_000);
      this.#tick = Math.max(this.#tick, this.#before[second]!);
      this.#findTick();
    }
    while (this.#nextTime < time) this.#advance();
  }

  /** Makes the ticks up to a time (microseconds), at most `count`, and appends their records to `into`. */
  take(until: number, count: number, into: SourceRecord[]): void {
    for (let left = count; left > 0 && this.nextTime <= until; left--) into.push(this.#make());
  }

  #make(): SourceRecord {
    const { seed, topic, prices, spread, partition } = this.#settings;
    const minute = this.#minute;
    const time = this.#nextTime;
    const draw = mix(this.#key + Math.imul(this.#tick + 1, 0x9e3779b9));
    const second = mix(draw ^ 0x68e31da4);
    const price = prices[Math.floor(uniform(draw) * prices.length)]!;
    price.enter(minute);
    const at = (time - minute * MINUTE_US) / 1000;
    const { anomaly, scale } = price;
    let middle = price.at(at);
    let size = price.usualSize * this.#activity * -Math.log1p(-uniform(second));
    let headers = NO_LABEL;
    if (anomaly !== null && at >= anomaly.from && at < anomaly.until) {
      headers = anomaly.headers;
      if (anomaly.kind === 'volume_surge') size *= anomaly.strength;
      else middle *= priceFactor(anomaly, at);
    }
    const half = (middle * spread) / 2;
    const bid = Math.floor((middle - half) * scale) / scale;
    const ask = Math.ceil((middle + half) * scale) / scale;
    // The lowest bit of a draw that is otherwise used for the size: whether a buyer or a seller came.
    const sold = (second & 1) === 0;
    const value: Tick = {
      symbol: price.symbol,
      price: sold ? bid : ask,
      size: Math.floor(size) + 1,
      price_text: null,
      size_text: null,
      bid,
      ask,
      exchange: this.#exchange,
      event_time: new Date(Math.floor(time / 1000)),
      event_time_us: time,
      sequence: ++this.#sequence,
      side: sold ? 'sell' : 'buy',
      trade_id: null,
      currency: null,
    };
    this.#advance();
    return {
      ...tickRecord(topic, value),
      headers,
      sourcePartition: partition,
      sourceOffset: { seed, minute: this.#minute, tick: this.#tick, sequence: this.#sequence },
    };
  }

  #advance(): void {
    this.#tick++;
    this.#findTick();
  }

  #prepareMinute(): void {
    const { seed, number, load } = this.#settings;
    ticksBefore(load, this.#minute, this.#before);
    this.#key = combine(combine(hash(seed), combine(STREAM, number)), hash(this.#minute));
    this.#activity = intradayCurve(this.#minute * SECONDS);
    this.#second = 0;
  }

  /** Finds the next tick, in this minute or a later one. */
  #findTick(): void {
    const before = this.#before;
    while (this.#tick >= before[SECONDS]!) {
      this.#minute++;
      this.#tick = 0;
      this.#prepareMinute();
    }
    let second = this.#second;
    while (before[second + 1]! <= this.#tick) second++;
    this.#second = second;
    const first = before[second]!;
    const jitter = uniform(mix(this.#key ^ Math.imul(this.#tick + 1, 0x85ebca6b)));
    const part = (this.#tick - first + jitter) / (before[second + 1]! - first);
    this.#nextTime = this.#minute * MINUTE_US + second * 1_000_000 + Math.floor(part * 1_000_000);
  }
}
