import { FEEDS, type FeedName, spelled } from './spelling.ts';

/** A connector's config, as it is POSTed. */
export interface ConnectorConfig {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
}

const PATHS: Readonly<Record<FeedName, string>> = {
  binance: '/ws',
  coinbase: '',
  kraken: '/v2',
  finnhub: '?token=${api.key}',
  alpaca: '/v2/iex',
  polygon: '/stocks',
  yahoo: '?version=2',
};
/** Feeds whose missing trades can be had over HTTP. */
const RECOVERS: ReadonlySet<FeedName> = new Set(['binance', 'coinbase', 'kraken']);

/**
 * A config for each feed, and one for Yahoo's quotes and bars.
 * @param authority host and port of the simulator
 * @param symbols as the market calls them
 */
export function connectorConfigs(
  authority: string,
  symbols: readonly string[],
  key: string | null,
  secret: string | null,
): readonly ConnectorConfig[] {
  const needs: Readonly<Partial<Record<FeedName, Record<string, string>>>> = {
    finnhub: { 'api.key': key ?? 'any' },
    alpaca: { 'api.key': key ?? 'any', 'api.secret': secret ?? 'any' },
    polygon: { 'api.key': key ?? 'any' },
  };
  const feeds = FEEDS.map((feed) => ({
    name: feed,
    config: {
      'connector.class': 'WebSocketSource',
      preset: feed,
      symbols: symbols.map((symbol) => spelled(feed, symbol)).join(),
      topic: 'ticks',
      'gaps.topic': 'gaps',
      'websocket.url': `ws://${authority}/${feed}${PATHS[feed]}`,
      ...(RECOVERS.has(feed) && { 'recovery.url': `http://${authority}/${feed}` }),
      ...needs[feed],
    },
  }));
  const finance = {
    'connector.class': 'YahooSource',
    symbols: symbols.map((symbol) => spelled('yahoo', symbol)).join(),
    mode: 'both',
    topic: 'ticks',
    'bars.topic': 'bars',
    'bars.interval': '1m',
    'history.from': '1d',
    'yahoo.base.url': `http://${authority}/yahoo`,
  };
  return [...feeds, { name: 'yahoo-finance', config: finance }];
}
