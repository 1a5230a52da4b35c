import type { FeedOutput, Item, Preset } from '../feed.ts';
import { isoMicroseconds } from '../times.ts';
import { symbolsLike, TICK_SCHEMAS, tickItem } from './trade.ts';

interface Message {
  readonly type?: string;
  readonly product_id: string;
  readonly trade_id: number;
  readonly last_trade_id?: number;
  readonly price: string;
  readonly size: string;
  readonly time: string;
  readonly message?: string;
  readonly reason?: string;
}

type Trade = Pick<Message, 'trade_id' | 'price' | 'size' | 'time'>;

const trade = (symbol: string, { trade_id, price, size, time }: Trade): Item =>
  tickItem({ symbol, price, size, time: isoMicroseconds(time), sequence: trade_id, exchange: 'COINBASE' });

function read(data: Buffer, output: FeedOutput): void {
  const message = JSON.parse(data.toString()) as Message;
  switch (message.type) {
    case 'match':
    case 'last_match':
      output.item(trade(message.product_id, message));
      return;
    case 'heartbeat':
      // Zero where the product has not been traded yet.
      if (message.last_trade_id) output.exists(message.product_id, message.last_trade_id);
      return;
    case 'subscriptions':
      output.acknowledged('subscribe', 1);
      return;
    case 'error':
      output.refused([message.message, message.reason].filter(Boolean).join(': '), false);
      return;
  }
}

/** The answer has so many trades at most, the newest first. */
const PAGE = 1000;

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
      stages: (symbols) => [{ name: 'subscribe', send: [message('subscribe', symbols)], expects: 1 }],
      goodbye: (symbols) => [message('unsubscribe', symbols)],
      read: (data, _binary, output) => read(data, output),
    };
  },
};
