/** Servers that speak like the feeds, for those who have no feed at hand. */
export { type ConnectorConfig, connectorConfigs } from './configs.ts';
export { type Faults, parseFaults } from './faults.ts';
export { FeedServer, nameOf } from './feed-server.ts';
export type { Client, History, Protocol, RestAnswer, Rules, Trade } from './protocol.ts';
export { alpaca } from './protocols/alpaca.ts';
export { binance } from './protocols/binance.ts';
export { coinbase } from './protocols/coinbase.ts';
export { finnhub } from './protocols/finnhub.ts';
export { kraken } from './protocols/kraken.ts';
export { polygon } from './protocols/polygon.ts';
export { yahoo } from './protocols/yahoo.ts';
export { SimulatorServer } from './server.ts';
export { SERVE_DEFAULTS, type ServeOptions } from './simulator.ts';
export { FEEDS, type FeedName, spelled } from './spelling.ts';
export * from './yahoo/listing.ts';
export { type Asked, type Fault, YahooServer } from './yahoo/server.ts';
