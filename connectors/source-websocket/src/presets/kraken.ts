import { parseExactJson } from '@tributary/api/json';
import type { FeedOutput, Item, Preset } from '../feed.ts';
import { isoMicroseconds } from '../times.ts';
import { digits, symbolsLike, TICK_SCHEMAS, tickItem } from './trade.ts';

interface Trade {
  readonly symbol: string;
  readonly price: unknown;
  readonly qty: unknown;
  readonly trade_id: number;
  readonly timestamp: string;
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
    for (const { symbol, price, qty, trade_id, timestamp } of message.data ?? [])
      output.item(
        tickItem({
          symbol,
          price: digits(price),
          size: digits(qty),
          time: isoMicroseconds(timestamp),
          sequence: trade_id,
          exchange: 'KRAKEN',
        }),
      );
  } else if (message.method === 'subscribe') {
    if (message.success === false) output.rejected(String(message.error));
    else output.acknowledged('subscribe', 1);
  }
}

/** `[price, volume, time in seconds, side, order type, miscellaneous, trade id]`, the pair by a name of the exchange's own. */
type RestTrade = readonly [string, string, unknown, string, string, string, number];

function readRest(text: string, symbol: string): readonly Item[] {
  const { error, result } = parseExactJson(text, true) as {
    readonly error?: readonly string[];
    readonly result?: Readonly<Record<string, readonly RestTrade[] | string>>;
  };
  if (error && error.length > 0) throw new Error(error.join(', '));
  const trades = Object.entries(result ?? {}).find(([name]) => name !== 'last')?.[1] ?? [];
  return (trades as readonly RestTrade[]).map(([price, size, seconds, , , , sequence]) =>
    tickItem({
      symbol,
      price,
      size,
      time: Math.floor(Number(digits(seconds)) * 1e6 + 0.5),
      sequence,
      exchange: 'KRAKEN',
    }),
  );
}

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
        path: ({ symbol, after }) =>
          `/0/public/Trades?pair=${encodeURIComponent(symbol)}&count=1000${after === null ? '' : `&since=${after}000000`}`,
        read: (text, { symbol }) => readRest(text, symbol),
      },
      urls: () => ['wss://ws.kraken.com/v2'],
      stages: (symbols) => [{ name: 'subscribe', send: [message('subscribe', symbols)], expects: symbols.length }],
      goodbye: (symbols) => [message('unsubscribe', symbols)],
      read: (data, _binary, output) => read(data, output),
    };
  },
};
