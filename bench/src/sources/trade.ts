/** The trades of the benchmark's feed, in the shape of Binance's combined streams. */

/** What a message of the feed says; times are microseconds, as with `timeUnit=MICROSECOND`. */
export interface TradeMessage {
  readonly stream: string;
  readonly data: {
    readonly e: 'trade';
    readonly E: number;
    readonly s: string;
    readonly t: number;
    readonly p: string;
    readonly q: string;
    readonly T: number;
    readonly m: boolean;
    readonly M: boolean;
  };
}

export const symbolNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `SYM${String(i).padStart(4, '0')}USDT`);

/** The number of the symbol of trade `index`: each as often, in an order that looks like none. */
export const symbolAt = (index: number, symbols: number): number => (Math.imul(index, 0x9e3779b1) >>> 0) % symbols;

/** A message of 200 bytes, more or less. */
export function tradeText(symbol: string, lower: string, sequence: number, micros: number): string {
  const cents = 10_000 + ((sequence * 7) % 5_000);
  const price = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}000000`;
  const size = `0.${String(1_000 + (sequence % 9_000))}0000`;
  return `{"stream":"${lower}@trade","data":{"e":"trade","E":${micros},"s":"${symbol}","t":${sequence},"p":"${price}","q":"${size}","T":${micros},"m":${sequence % 2 === 0},"M":true}}`;
}
