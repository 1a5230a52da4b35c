/** Servers that speak like the feeds, for tests of what reads them. */
export { FeedServer, nameOf } from './feed-server.ts';
export type { Client, Protocol, Trade } from './protocol.ts';
export { alpaca } from './protocols/alpaca.ts';
export { binance } from './protocols/binance.ts';
export { coinbase } from './protocols/coinbase.ts';
export { finnhub } from './protocols/finnhub.ts';
export { kraken } from './protocols/kraken.ts';
export { polygon } from './protocols/polygon.ts';
export * from './yahoo/listing.ts';
export { type Asked, type Fault, YahooServer } from './yahoo/server.ts';
