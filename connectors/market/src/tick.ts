import { type Int64, Schema, type SourceRecord } from '@tributary/api';
import { symbolRecord } from './symbol-record.ts';

/** A trade or a quote of one instrument at one moment, whatever the feed. Null where the feed does not say. */
export interface Tick {
  /** The instrument, as the feed calls it (`AAPL`, `BTC-USD`). */
  readonly symbol: string;
  /** The last price. */
  readonly price: number | null;
  /** How much was traded at that price. */
  readonly size: number | null;
  /** The price with exactly the digits of the feed, for feeds that send decimals as text. */
  readonly price_text: string | null;
  /** The size with exactly the digits of the feed. */
  readonly size_text: string | null;
  /** The best price that a buyer offers. */
  readonly bid: number | null;
  /** The best price at which a seller offers. */
  readonly ask: number | null;
  /** The exchange or venue. */
  readonly exchange: string | null;
  /** When it happened, by the feed's clock, to the millisecond. */
  readonly event_time: Date;
  /** The same in microseconds since the epoch, as exact as the feed knows it. */
  readonly event_time_us: Int64;
  /** The feed's own number of the tick, increasing within an exchange. */
  readonly sequence: Int64 | null;
  /** Which side took what was offered: the buyer took an ask, or the seller a bid. */
  readonly side: Side | null;
  /** What the feed calls the trade: unique for the symbol or, where it says so, for the symbol on the exchange on that day. */
  readonly trade_id: string | null;
  /** The currency of the price, as the feed calls it (`USD`, `USDT`, `GBp`). */
  readonly currency: string | null;
}

/** A side of a trade. */
export type Side = 'buy' | 'sell';

const text = Schema.string({ optional: true });
const real = Schema.float64({ optional: true });

/** The schema of a {@link Tick}. */
export const tickSchema: Schema = Schema.struct(
  {
    symbol: Schema.string(),
    price: real,
    size: real,
    price_text: text,
    size_text: text,
    bid: real,
    ask: real,
    exchange: text,
    event_time: Schema.timestamp(),
    event_time_us: Schema.int64(),
    sequence: Schema.int64({ optional: true }),
    side: text,
    trade_id: text,
    currency: text,
  },
  { name: 'tributary.market.Tick', version: 2 },
);

/** What a source knows of a tick: the symbol, the time in either unit, and whatever else the feed says. */
export type TickInput = Pick<Tick, 'symbol'> & Partial<Tick> & (Pick<Tick, 'event_time'> | Pick<Tick, 'event_time_us'>);

/** Completes a tick: what is missing is null, and either time is made of the other. */
export function tick(input: TickInput): Tick {
  const event_time = input.event_time ?? new Date(millisecondsOf(input.event_time_us!));
  return {
    symbol: input.symbol,
    price: input.price ?? null,
    size: input.size ?? null,
    price_text: input.price_text ?? null,
    size_text: input.size_text ?? null,
    bid: input.bid ?? null,
    ask: input.ask ?? null,
    exchange: input.exchange ?? null,
    event_time,
    event_time_us: input.event_time_us ?? event_time.getTime() * 1000,
    sequence: input.sequence ?? null,
    side: input.side ?? null,
    trade_id: input.trade_id ?? null,
    currency: input.currency ?? null,
  };
}

function millisecondsOf(microseconds: Int64): number {
  return typeof microseconds === 'bigint' ? Number(microseconds / 1000n) : Math.floor(microseconds / 1000);
}

/** The record of a tick: keyed by symbol, so that a symbol's ticks stay in order, with the tick's time as its timestamp. */
export const tickRecord = (topic: string, value: Tick): SourceRecord =>
  symbolRecord(topic, value, tickSchema, value.event_time);
