import type { FeedOutput, Item, Preset } from '../feed.ts';
import { isoMicroseconds } from '../times.ts';
import { oppositeOf, sideOf, symbolsLike, TICK_SCHEMAS, tradeItem, whole } from './trade.ts';

interface Message {
  readonly type?: string;
  readonly product_id: string;
  readonly trade_id: unknown;
  readonly last_trade_id?: unknown;
  readonly price: unknown;
  readonly size: unknown;
  readonly time: string;
  /** The maker's. */
  readonly side: unknown;
  readonly message?: string;
  readonly reason?: string;
}

type Trade = Pick<Message, 'trade_id' | 'price' | 'size' | 'time' | 'side'>;

function trade(symbol: string, { trade_id, price, size, time, side }: Trade): Item {
  const sequence = whole(trade_id);
  return tradeItem({
    symbol,
    price,
    size,
    time: isoMicroseconds(time),
    sequence,
    side: oppositeOf(sideOf(side)),
    tradeId: String(sequence),
    currency: symbol?.split('-')[1] ?? null,
    exchange: 'COINBASE',
  });
}

function read(data: Buffer, output: FeedOutput): void {
  const message = JSON.parse(data.toString()) as Message;
  switch (message.type) {
    case 'match':
    case 'last_match':
      output.item(trade(message.product_id, message));
      return;
    case 'heartbeat': {
      const last = whole(message.last_trade_id);
      // Zero where the product has not been traded yet.
      if (last > 0) output.exists(message.product_id, last);
      return;
    }
    case 'subscriptions':
      output.acknowledged('subscribe', 1);
      return;
    case 'error':
      output.rejected([message.message, message.reason].filter(Boolean).join(': '));
      return;
  }
}

/** The answer has so many trades at most, the newest first. */
const PAGE = 1000;
/** The server takes eight messages a second for long. */
const PACE_MS = 150;

export const coinbase: Preset = {
  name: 'coinbase',
  doc: 'Coinbase Exchange: trades (matches) with heartbeats; symbols such as BTC-USD.',
  channels: ['matches'],
  needs: [],
  checkSymbol: symbolsLike(/^[A-Z0-9]+-[A-Z0-9]+$/, 'BTC-USD'),
  open({ channel }) {
    const message = (type: string, product_ids: readonly string[]): string =>
      JSON.stringify({ type, product_ids, channels: [channel, 'heartbeat'] });
    return {
      name: 'coinbase',
      ...TICK_SCHEMAS,
      symbolsPerConnection: 100,
      contiguous: true,
      // There is a heartbeat of each product every second.
      timing: { silenceMs: 15_000 },
      recovery: {
        url: 'https://api.exchange.coinbase.com',
        path({ symbol, from, to }) {
          const count = Math.min(PAGE, to - from + 1);
          return `/products/${encodeURIComponent(symbol)}/trades?limit=${count}&after=${from + count}`;
        },
        read: (text, { symbol }) => (JSON.parse(text) as readonly Trade[]).map((one) => trade(symbol, one)).reverse(),
      },
      urls: () => ['wss://ws-feed.exchange.coinbase.com'],
      stages: (symbols) => [
        {
          name: 'subscribe',
          send: [message('subscribe', symbols)],
          expects: 1,
          // One product that is none makes it refuse all of a message.
          apart: symbols.map((symbol) => message('subscribe', [symbol])),
          paceMs: PACE_MS,
        },
      ],
      goodbye: (symbols) => [message('unsubscribe', symbols)],
      read: (data, _binary, output) => read(data, output),
    };
  },
};
