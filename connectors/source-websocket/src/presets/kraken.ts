import { parseExactJson } from '@tributary/api/json';
import type { FeedOutput, Item, Preset } from '../feed.ts';
import { isoMicroseconds } from '../times.ts';
import { digits, readAll, sideOf, symbolsLike, TICK_SCHEMAS, tradeItem, whole } from './trade.ts';

interface Trade {
  readonly symbol: string;
  readonly price: unknown;
  readonly qty: unknown;
  readonly trade_id: unknown;
  readonly timestamp: string;
  /** The taker's. */
  readonly side: unknown;
}

interface Message {
  readonly channel?: string;
  readonly data?: readonly Trade[];
  readonly method?: string;
  readonly success?: boolean;
  readonly error?: string;
}

function read(data: Buffer, output: FeedOutput): void {
  // Prices are numbers here; their digits, zeros at the end included, are only in the text.
  const message = parseExactJson(data.toString(), true) as Message;
  if (message.channel === 'trade') {
    readAll(message.data, ({ symbol, price, qty, trade_id, timestamp, side }) =>
      output.item(trade({ symbol, price, size: qty, time: isoMicroseconds(timestamp), id: trade_id, side })),
    );
  } else if (message.success === false || (message.error ?? null) !== null) output.rejected(String(message.error));
  else if (message.method === 'subscribe') output.acknowledged('subscribe', 1);
}

interface Told {
  readonly symbol: string;
  readonly price: unknown;
  readonly size: unknown;
  /** Microseconds since the epoch. */
  readonly time: number;
  readonly id: unknown;
  readonly side: unknown;
}

function trade({ symbol, price, size, time, id, side }: Told): Item {
  const sequence = whole(id);
  return tradeItem({
    symbol,
    price: digits(price),
    size: digits(size),
    time,
    sequence,
    side: sideOf(side),
    tradeId: String(sequence),
    currency: symbol?.split('/')[1] ?? null,
    exchange: 'KRAKEN',
  });
}

/** `[price, volume, time in seconds, side, order type, miscellaneous, trade id]`, the pair by a name of the exchange's own. */
type RestTrade = readonly [unknown, unknown, unknown, unknown, unknown, unknown, unknown];

function readRest(text: string, symbol: string): readonly Item[] {
  const { error, result } = parseExactJson(text, true) as {
    readonly error?: readonly string[];
    readonly result?: Readonly<Record<string, readonly RestTrade[] | string>>;
  };
  if (error && error.length > 0) throw new Error(error.join(', '));
  const trades = Object.entries(result ?? {}).find(([name]) => name !== 'last')?.[1] ?? [];
  return (trades as readonly RestTrade[]).map(([price, size, seconds, side, , , id]) =>
    trade({ symbol, price, size, time: Math.floor(Number(digits(seconds)) * 1e6 + 0.5), id, side }),
  );
}

/** Trades of the same moment are not in the order of their numbers, so it is asked from so long before. Milliseconds. */
const MARGIN = 1000;

const restPath = (symbol: string, since: string | null): string =>
  `/0/public/Trades?pair=${encodeURIComponent(symbol)}&count=1000${since === null ? '' : `&since=${since}`}`;

export const kraken: Preset = {
  name: 'kraken',
  doc: 'Kraken spot, version 2 of its API: trades; symbols such as BTC/USD. The first connection brings the last 50 trades along.',
  channels: ['trade'],
  needs: [],
  checkSymbol: symbolsLike(/^[A-Z0-9.]+\/[A-Z0-9.]+$/, 'BTC/USD'),
  open({ channel }) {
    const message = (method: string, symbol: readonly string[]): string =>
      JSON.stringify({
        method,
        params: { channel, symbol, ...(method === 'subscribe' && { snapshot: true }) },
        req_id: 1,
      });
    return {
      name: 'kraken',
      ...TICK_SCHEMAS,
      symbolsPerConnection: 250,
      contiguous: true,
      // There is a heartbeat about every second.
      timing: { silenceMs: 15_000 },
      recovery: {
        url: 'https://api.kraken.com',
        // By time, not by number: from the last trade that came on.
        path: ({ symbol, after }) => restPath(symbol, after === null ? null : `${after - MARGIN}000000`),
        read: (text, { symbol }) => readRest(text, symbol),
        next: (text, { symbol }) => restPath(symbol, /"last"\s*:\s*"?(\d+)/.exec(text)?.[1] ?? null),
      },
      urls: () => ['wss://ws.kraken.com/v2'],
      stages: (symbols) => [{ name: 'subscribe', send: [message('subscribe', symbols)], expects: symbols.length }],
      goodbye: (symbols) => [message('unsubscribe', symbols)],
      read: (data, _binary, output) => read(data, output),
    };
  },
};
