import { isPlainObject } from '@tributary/api';
import { HttpFault } from '@tributary/http-kit';
import { type Tick, tick } from '@tributary/market';

/** What Yahoo says of a symbol now. Times are in milliseconds since 1970. */
export interface Quote {
  readonly symbol: string;
  readonly exchange: string | null;
  readonly currency: string | null;
  /** As Yahoo says it: PREPRE, PRE, REGULAR, POST, POSTPOST, CLOSED; null if it does not. */
  readonly marketState: string | null;
  readonly time: number;
  readonly price: number | null;
  readonly bid: number | null;
  readonly ask: number | null;
}

/** The fields that are asked for. */
export const QUOTE_FIELDS: readonly string[] = [
  'symbol',
  'exchange',
  'currency',
  'marketState',
  'regularMarketPrice',
  'regularMarketTime',
  'preMarketPrice',
  'preMarketTime',
  'postMarketPrice',
  'postMarketTime',
  'bid',
  'ask',
];

type Json = Readonly<Record<string, unknown>>;

const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
/** Nobody bids 0: that is how Yahoo says that nobody bids. */
const priceOf = (value: unknown): number | null => (typeof value === 'number' && value > 0 ? value : null);

/**
 * Reads the answer of `/v7/finance/quote`.
 * @param extended whether the prices of early and late trading count
 * @throws HttpFault if it is not one
 */
export function parseQuotes(answer: unknown, extended: boolean): readonly Quote[] {
  const response = isPlainObject(answer) ? (answer as Json).quoteResponse : undefined;
  const result = isPlainObject(response) ? (response as Json).result : undefined;
  if (!Array.isArray(result))
    throw new HttpFault("Yahoo's quotes make no sense: there is no quoteResponse.result", { reason: 'malformed' });
  return result.flatMap((one) => quoteOf(isPlainObject(one) ? (one as Json) : {}, extended) ?? []);
}

function quoteOf(json: Json, extended: boolean): Quote | null {
  const symbol = textOf(json.symbol);
  // What was traded once and is no more comes with the type NONE and nothing else.
  if (symbol === null || json.quoteType === 'NONE') return null;
  const traded = (kind: string): { time: number; price: number | null } | null => {
    const time = numberOf(json[`${kind}MarketTime`]);
    return time === null ? null : { time: time * 1000, price: numberOf(json[`${kind}MarketPrice`]) };
  };
  const trades = (extended ? ['regular', 'pre', 'post'] : ['regular']).flatMap((kind) => traded(kind) ?? []);
  const last = trades.reduce(
    (a, b) => (b.time > a.time && b.price !== null ? b : a),
    trades[0] ?? { time: 0, price: null },
  );
  if (trades.length === 0) return null;
  return {
    symbol,
    exchange: textOf(json.exchange),
    currency: textOf(json.currency),
    marketState: textOf(json.marketState),
    time: last.time,
    price: last.price,
    bid: priceOf(json.bid),
    ask: priceOf(json.ask),
  };
}

/** Whether there can be trades now. A quote that does not say counts as open. */
export function isOpen({ marketState }: Quote, extended: boolean): boolean {
  if (marketState === null || marketState === 'REGULAR') return true;
  return extended && (marketState === 'PRE' || marketState === 'POST');
}

/** A quote as the common tick. */
export const tickOf = ({ symbol, price, bid, ask, exchange, currency, time }: Quote): Tick =>
  tick({ symbol, price, bid, ask, exchange, currency, event_time: new Date(time) });
