import type { SymbolPrice } from '../../prices.ts';
import { STEPS } from '../../walk.ts';
import type { ServedMarket } from '../served-market.ts';
import type { Listing, MarketBar } from './listing.ts';

const MINUTE = 60_000;
/** A bar of more minutes is looked at in this many places. */
const PLACES = 48;

const cents = (price: number): number => Math.round(price * 100) / 100;

/** One bar of bars that follow each other. */
function joined(bars: readonly MarketBar[], start: number, end: number): MarketBar | null {
  const [first] = bars;
  if (!first) return null;
  return {
    start,
    end,
    open: first.open,
    close: bars.at(-1)!.close,
    high: Math.max(...bars.map(({ high }) => high)),
    low: Math.min(...bars.map(({ low }) => low)),
    volume: bars.reduce((sum, { volume }) => sum + volume, 0),
  };
}

/**
 * A symbol of the market as Yahoo lists it: always open. Bars that begin at `exactFrom` or later are made of the very trades that the
 * feeds tell, earlier ones of the price alone, and those of days from a part of its minutes.
 * @param exactFrom milliseconds since the epoch
 */
export function simulatedListing(market: ServedMarket, symbol: string, name: string, exactFrom: number): Listing {
  const price = market.price(symbol);
  const finished = new Map<number, MarketBar | null>();
  const ofTrades = (start: number, end: number): MarketBar | null => {
    const from = market.countBefore(symbol, start * 1000) + 1;
    const count = market.countBefore(symbol, end * 1000) + 1 - from;
    const trades = count > 0 ? market.trades(symbol, from, count, end * 1000) : [];
    const prices = trades.map((trade) => trade.price!);
    if (prices.length === 0) return null;
    const volume = trades.reduce((sum, { size }) => sum + size!, 0);
    const [high, low] = [Math.max(...prices), Math.min(...prices)];
    return { start, end, open: prices[0]!, close: prices.at(-1)!, high, low, volume };
  };
  const minute = (start: number, end: number): MarketBar | null => {
    if (start < exactFrom) return ofPrice(price, market, start, end);
    if (end - start < MINUTE) return ofTrades(start, end);
    const known = finished.get(start);
    if (known !== undefined) return known;
    const made = ofTrades(start, end);
    if (end <= Date.now()) finished.set(start, made);
    return made;
  };
  const bar = (start: number, end: number): MarketBar | null => {
    const minutes = Math.ceil((end - start) / MINUTE);
    const step = minutes > 90 && start < exactFrom ? Math.ceil(minutes / PLACES) : 1;
    const bars: MarketBar[] = [];
    for (let i = 0; i < minutes; i += step) {
      const at = start + Math.min(i, i + step >= minutes ? minutes - 1 : i) * MINUTE;
      const own = minute(at, Math.min(at + MINUTE, end));
      if (own) bars.push(step === 1 ? own : { ...own, volume: own.volume * step });
    }
    return joined(bars, start, end);
  };
  return {
    symbol: name,
    zone: 'UTC',
    exchange: 'SIM',
    currency: 'USD',
    type: /-/.test(name) ? 'CRYPTOCURRENCY' : 'EQUITY',
    hours: [0, 0, 1440, 1440],
    weekends: true,
    bar,
    last(now) {
      const number = market.countBefore(symbol, market.until(now * 1000));
      const [trade] = market.trades(symbol, number, 1, Number.POSITIVE_INFINITY);
      return {
        time: Math.floor(trade!.event_time_us / 1000),
        price: trade!.price!,
        bid: trade!.bid!,
        ask: trade!.ask!,
      };
    },
  };
}

function ofPrice(price: SymbolPrice, market: ServedMarket, start: number, end: number): MarketBar {
  const number = Math.floor(start / MINUTE);
  price.enter(number);
  const within = (time: number): number => Math.min(Math.max(time - number * MINUTE, 0), MINUTE - 1);
  const [from, to] = [within(start), within(end)];
  const prices = [price.at(from)];
  for (let step = 1; step < STEPS; step++) {
    const at = (step * MINUTE) / STEPS;
    if (at > from && at < to) prices.push(price.at(at));
  }
  prices.push(price.at(to));
  return {
    start,
    end,
    open: cents(prices[0]!),
    close: cents(prices.at(-1)!),
    high: cents(Math.max(...prices)),
    low: cents(Math.min(...prices)),
    volume: Math.round(((end - start) / 1000) * market.rate * price.usualSize),
  };
}
