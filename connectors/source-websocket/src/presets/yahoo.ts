import protobuf from 'protobufjs/minimal.js';
import type { FeedOutput, Item, Preset } from '../feed.ts';
import { symbolsLike, TICK_SCHEMAS, tickItem } from './trade.ts';

/** What of Yahoo's PricingData goes into a tick. Prices are 32-bit floats there. */
interface Pricing {
  id: string;
  price: number | null;
  /** Milliseconds since the epoch. */
  time: number;
  exchange: string | null;
  currency: string | null;
  dayVolume: number;
  lastSize: number | null;
  bid: number | null;
  ask: number | null;
}

/** 64-bit integers are numbers here, or objects where a library for them is installed. */
const wholeNumber = (value: unknown): number => Number(String(value));

/** Reads the protobuf message, whose other fields are skipped. */
export function decodePricing(bytes: Uint8Array): Pricing {
  const reader = protobuf.Reader.create(bytes);
  const pricing: Pricing = {
    id: '',
    price: null,
    time: Number.NaN,
    exchange: null,
    currency: null,
    dayVolume: 0,
    lastSize: null,
    bid: null,
    ask: null,
  };
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    switch (tag >>> 3) {
      case 1:
        pricing.id = reader.string();
        break;
      case 2:
        pricing.price = reader.float();
        break;
      case 3:
        pricing.time = wholeNumber(reader.sint64());
        break;
      case 4:
        pricing.currency = reader.string();
        break;
      case 5:
        pricing.exchange = reader.string();
        break;
      case 9:
        pricing.dayVolume = wholeNumber(reader.sint64());
        break;
      case 22:
        pricing.lastSize = wholeNumber(reader.sint64());
        break;
      case 23:
        pricing.bid = reader.float();
        break;
      case 25:
        pricing.ask = reader.float();
        break;
      default:
        reader.skipType(tag & 7);
    }
  }
  return pricing;
}

/** The shortest decimal that is the same 32-bit float: 189.35 instead of 189.35000610351562. */
export function shortestFloat(value: number): number {
  for (let precision = 6; precision <= 9; precision++) {
    const short = Number(value.toPrecision(precision));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

const short = (value: number | null): number | null => (value === null ? null : shortestFloat(value));

function quote({ id, price, time, exchange, currency, dayVolume, lastSize, bid, ask }: Pricing): Item {
  return tickItem({
    symbol: id,
    price: short(price),
    size: lastSize,
    bid: short(bid),
    ask: short(ask),
    exchange,
    currency,
    time: time * 1000,
    // The feed numbers nothing; the volume of the day tells trades of the same moment and price apart.
    id: `${time}:${price}:${dayVolume}:${bid}:${ask}`,
  });
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

function read(data: Buffer, output: FeedOutput): void {
  let text = data.toString();
  if (text.startsWith('{')) {
    const message = JSON.parse(text) as { readonly type?: string; readonly message?: string };
    if (message.type === 'error') {
      output.rejected(String(message.message));
      return;
    }
    if (typeof message.message !== 'string') return;
    text = message.message;
  }
  if (!BASE64.test(text)) throw new Error('a message that is not base64');
  output.item(quote(decodePricing(Buffer.from(text, 'base64'))));
}

export const yahoo: Preset = {
  name: 'yahoo',
  doc: "Yahoo Finance's streamer: quotes of anything that Yahoo knows; symbols such as AAPL, ^GSPC, EURUSD=X or BTC-USD.",
  channels: ['pricing'],
  needs: [],
  checkSymbol: symbolsLike(/^\S+$/, 'AAPL or BTC-USD'),
  open() {
    const subscribe = (symbols: readonly string[]): readonly string[] => [JSON.stringify({ subscribe: symbols })];
    return {
      name: 'yahoo',
      ...TICK_SCHEMAS,
      symbolsPerConnection: 500,
      contiguous: false,
      // Nothing comes while the market is closed. A subscription that is not repeated lapses.
      timing: { silenceMs: 300_000, heartbeatMs: 15_000 },
      urls: () => ['wss://streamer.finance.yahoo.com/?version=2'],
      stages: (symbols) => [{ name: 'subscribe', send: subscribe(symbols), expects: 0 }],
      heartbeat: subscribe,
      goodbye: (symbols) => [JSON.stringify({ unsubscribe: symbols })],
      read: (data, _binary, output) => read(data, output),
    };
  },
};
