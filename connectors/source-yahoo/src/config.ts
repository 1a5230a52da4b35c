import { boolean, type Config, int, list, string } from '@tributary/api';
import { tlsKeys } from '@tributary/api/tls';
import { connectionKeys } from '@tributary/http-kit';
import { INTERVALS } from './interval.ts';
import { startFault } from './start-time.ts';

export const TLS_PREFIX = 'yahoo.';
export const YAHOO = 'https://query2.finance.yahoo.com';
const COOKIES = 'https://fc.yahoo.com/';

const [SYMBOLS, BARS, QUOTES, YAHOO_GROUP] = ['Symbols', 'Bars', 'Quotes', 'Yahoo'];

const urlFault = (value: string): string | undefined =>
  /^https?:$/.test(URL.parse(value)?.protocol ?? '') ? undefined : `Expected a URL such as ${YAHOO}`;

export const configDef = {
  topic: string({
    nonEmpty: true,
    importance: 'high',
    doc: 'The topic that quotes go to, as `tributary.market.Tick`, keyed by symbol; with `mode=bars` the topic of the bars.',
    group: SYMBOLS,
    order: 1,
  }),
  symbols: list({
    default: [],
    importance: 'high',
    doc: 'The symbols, as Yahoo calls them: `AAPL`, `7203.T`, `EURUSD=X`, `BTC-USD`, `^GSPC`.',
    group: SYMBOLS,
    order: 2,
  }),
  'symbols.file': string({
    default: null,
    importance: 'medium',
    doc: 'A file with further symbols, one a line or with commas between; what follows `#` is a remark. It is read again when it changes. Every worker needs it at this path.',
    group: SYMBOLS,
    order: 3,
  }),
  'symbols.screener': string({
    default: null,
    importance: 'medium',
    recommended: ['most_actives', 'day_gainers', 'day_losers', 'most_shorted_stocks', 'undervalued_large_caps'],
    doc: "One of Yahoo's predefined screeners, which finds further symbols. Asked again every hour.",
    group: SYMBOLS,
    order: 4,
  }),
  'symbols.screener.count': int({
    default: 100,
    min: 1,
    max: 2500,
    importance: 'low',
    doc: 'The most symbols that the screener finds.',
    group: SYMBOLS,
    order: 5,
  }),
  'symbols.retry.ms': int({
    default: 3_600_000,
    min: 1000,
    importance: 'low',
    doc: 'After how long a symbol is tried again that Yahoo does not know. Milliseconds.',
    group: SYMBOLS,
    order: 6,
  }),
  mode: string({
    oneOf: ['quotes', 'bars', 'both'],
    default: 'quotes',
    importance: 'high',
    doc: 'What is read: `quotes` (the price as of now, again and again), `bars`, or `both`.',
    group: SYMBOLS,
    order: 7,
  }),
  'pre.post.market': boolean({
    default: false,
    importance: 'medium',
    doc: 'Whether early and late trading count, for quotes and for bars of less than a day.',
    group: SYMBOLS,
    order: 8,
  }),
  'poll.closed.markets': boolean({
    default: false,
    importance: 'low',
    doc: 'Whether markets are asked while they are closed.',
    group: SYMBOLS,
    order: 9,
  }),
  'quotes.interval.ms': int({
    default: 10_000,
    min: 100,
    importance: 'medium',
    doc: 'How often quotes are asked for while a market is open. Milliseconds. One that has not changed makes no record.',
    group: QUOTES,
    order: 1,
  }),
  'quotes.batch.size': int({
    default: 100,
    min: 1,
    max: 1000,
    importance: 'low',
    doc: 'How many symbols one request for quotes names at most.',
    group: QUOTES,
    order: 2,
  }),
  'bars.interval': list({
    default: ['1m'],
    oneOf: [...INTERVALS],
    nonEmpty: true,
    importance: 'high',
    doc: 'The lengths of bars, one or several.',
    group: BARS,
    order: 1,
  }),
  'bars.topic': string({
    default: null,
    importance: 'medium',
    doc: 'The topic of the bars, as `tributary.market.Bar`, keyed by symbol. Default: `topic`; with `mode=both` the same with `-bars` behind it.',
    group: BARS,
    order: 2,
  }),
  'history.from': string({
    default: null,
    importance: 'high',
    doc: "Where bars begin for a symbol of which none were read yet: a date (by the exchange's clocks), a date and time with its zone, or so many days back, as in `7d`. Then they go on into the present. Default: with the bar of the present.",
    group: BARS,
    order: 3,
    validate: (value) => startFault(value),
  }),
  'history.to': string({
    default: null,
    importance: 'low',
    doc: 'Where bars end, in the same forms: only those that begin earlier are read, and once they are, no more bars are asked for. Default: they go on.',
    group: BARS,
    order: 4,
    validate: (value) => startFault(value),
  }),
  'history.limits': string({
    oneOf: ['yahoo', 'server'],
    default: null,
    importance: 'low',
    doc: 'How far back history goes. `yahoo`: 30 days of 1m bars, 60 days of 2m to 90m, 730 days of 1h, all of longer ones; an earlier `history.from` is refused. `server`: as far as the server gives it, for one that stands in for Yahoo. Default: by the host of `yahoo.base.url`, `yahoo` for those of yahoo.com.',
    group: BARS,
    order: 12,
  }),
  'bars.unfinished': boolean({
    default: false,
    importance: 'medium',
    doc: 'Whether the bar of the present is sent too, each time that it has changed, with `final=false`.',
    group: BARS,
    order: 5,
  }),
  'bars.unfinished.interval.ms': int({
    default: 10_000,
    min: 1000,
    importance: 'low',
    doc: 'How often unfinished bars are asked for. Milliseconds.',
    group: BARS,
    order: 6,
  }),
  'bars.delay.ms': int({
    default: 2000,
    min: 0,
    importance: 'low',
    doc: 'How long after its end a bar is asked for. Milliseconds.',
    group: BARS,
    order: 7,
  }),
  'bars.settle.ms': int({
    default: 1_200_000,
    min: 0,
    max: 2_400_000,
    importance: 'low',
    doc: 'How long after its end a bar counts as finished if Yahoo knows of no later trade: exchanges come with a delay of up to 20 minutes. Milliseconds. A daily bar waits for so long after the close.',
    group: BARS,
    order: 8,
  }),
  events: list({
    default: ['dividends', 'splits'],
    oneOf: ['dividends', 'splits'],
    importance: 'medium',
    doc: 'Which events come as records of their own, beside bars: `tributary.market.Dividend`, `tributary.market.Split`. Empty: none.',
    group: BARS,
    order: 9,
  }),
  'dividends.topic': string({
    default: null,
    importance: 'low',
    doc: 'The topic of dividends. Default: `topic` with `-dividends` behind it.',
    group: BARS,
    order: 10,
  }),
  'splits.topic': string({
    default: null,
    importance: 'low',
    doc: 'The topic of splits. Default: `topic` with `-splits` behind it.',
    group: BARS,
    order: 11,
  }),
  'yahoo.base.url': string({
    default: YAHOO,
    importance: 'low',
    doc: 'Where the endpoints are: `/v7/finance/quote`, `/v8/finance/chart`, `/v1/finance/screener` and `/v1/test/getcrumb`.',
    group: YAHOO_GROUP,
    order: 1,
    validate: urlFault,
  }),
  'yahoo.cookie.url': string({
    default: null,
    importance: 'low',
    doc: `Where the cookie comes from that belongs to the crumb. Default: ${COOKIES}; the base URL if that is another than Yahoo's.`,
    group: YAHOO_GROUP,
    order: 2,
    validate: urlFault,
  }),
  'yahoo.consent': string({
    oneOf: ['agree', 'reject', 'none'],
    default: 'agree',
    importance: 'low',
    doc: 'What is said where Yahoo asks visitors from Europe whether it may use cookies and data of them, before it lets them go on: `agree`, `reject`, or `none` to be let off with an error.',
    group: YAHOO_GROUP,
    order: 4,
  }),
  'yahoo.user.agent': string({
    default: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    nonEmpty: true,
    importance: 'low',
    doc: 'What requests call themselves. Yahoo refuses what does not look like a browser.',
    group: YAHOO_GROUP,
    order: 3,
  }),
  'requests.in.flight': int({
    default: 6,
    min: 1,
    max: 100,
    importance: 'low',
    doc: 'How many requests of a task are on their way at a time.',
    group: 'Connection',
  }),
  ...connectionKeys({ perSecond: 10, maxBytes: 33_554_432 }),
  ...tlsKeys(TLS_PREFIX),
};

export type YahooConfig = Config<typeof configDef>;

/** Without a slash at its end. */
export const baseUrlOf = (config: YahooConfig): string => config['yahoo.base.url'].replace(/\/+$/, '');

export function cookieUrlOf(config: YahooConfig): URL {
  return new URL(
    config['yahoo.cookie.url'] ?? (config['yahoo.base.url'] === YAHOO ? COOKIES : `${baseUrlOf(config)}/`),
  );
}

/** Whether it is known beforehand how far back history goes. */
export function hasYahooLimits(config: YahooConfig): boolean {
  const limits = config['history.limits'];
  return limits === null ? /(^|\.)yahoo\.com$/.test(new URL(config['yahoo.base.url']).hostname) : limits === 'yahoo';
}

export interface Topics {
  readonly quotes: string;
  readonly bars: string;
  readonly dividends: string;
  readonly splits: string;
}

export const topicsOf = (config: YahooConfig): Topics => ({
  quotes: config.topic,
  bars: config['bars.topic'] ?? (config.mode === 'both' ? `${config.topic}-bars` : config.topic),
  dividends: config['dividends.topic'] ?? `${config.topic}-dividends`,
  splits: config['splits.topic'] ?? `${config.topic}-splits`,
});
