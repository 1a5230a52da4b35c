/** The feeds that are served, in the order of the documentation. */
export const FEEDS = ['binance', 'coinbase', 'kraken', 'finnhub', 'alpaca', 'polygon', 'yahoo'] as const;
export type FeedName = (typeof FEEDS)[number];

interface Pair {
  readonly base: string;
  readonly quote: string;
}

/** `BTC-USD`, `BTC/USD` and `BTCUSDT` are pairs of currencies; everything else is a stock. */
function pairOf(symbol: string): Pair | null {
  const [, base, quote] = /^([A-Z0-9]+)[-/]([A-Z]{3,4})$/.exec(symbol) ?? /^([A-Z0-9]{2,})(USDT)$/.exec(symbol) ?? [];
  return base && quote ? { base, quote: quote === 'USDT' ? 'USD' : quote } : null;
}

/** How the market itself calls a symbol, whichever way it is written: stocks by their name, pairs as `BTC-USD`. */
export function ownName(symbol: string): string {
  const pair = pairOf(symbol);
  return pair ? `${pair.base}-${pair.quote}` : symbol;
}

const tether = (quote: string): string => (quote === 'USD' ? 'USDT' : quote);

/** How a feed spells a symbol of the market. Exchanges of currencies have stocks too, as pairs with the dollar. */
export function spelled(feed: FeedName, symbol: string): string {
  const pair = pairOf(symbol);
  const { base, quote } = pair ?? { base: symbol, quote: 'USD' };
  switch (feed) {
    case 'binance':
      return `${base}${tether(quote)}`;
    case 'coinbase':
      return `${base}-${quote}`;
    case 'kraken':
      return `${base}/${quote}`;
    case 'finnhub':
      return pair ? `BINANCE:${base}${tether(quote)}` : symbol;
    case 'alpaca':
      return pair ? `${base}/${quote}` : symbol;
    case 'polygon':
    case 'yahoo':
      return symbol;
  }
}
