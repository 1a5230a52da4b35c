import { parseExactJson } from '@tributary/api/json';
import type { FeedOutput, Preset } from '../feed.ts';
import { digits, symbolsLike, TICK_SCHEMAS, tickItem } from './trade.ts';

interface Trade {
  readonly s: string;
  readonly p: unknown;
  readonly v: unknown;
  readonly t: number;
  readonly c?: readonly string[] | null;
}

interface Message {
  readonly type?: string;
  readonly data?: readonly Trade[];
  readonly msg?: string;
}

function read(data: Buffer, output: FeedOutput): void {
  const message = parseExactJson(data.toString(), true) as Message;
  if (message.type === 'error') {
    const text = String(message.msg);
    output.refused(text, /api ?key|token/i.test(text));
    return;
  }
  if (message.type !== 'trade') return;
  // The feed numbers nothing: a trade is what it says. Equal ones within a message are trades of their own.
  const seen = new Map<string, number>();
  for (const { s, p, v, t, c } of message.data ?? []) {
    const price = digits(p);
    const size = digits(v);
    const said = `${t}:${price}:${size}:${c?.join(' ') ?? ''}`;
    const before = seen.get(s + said) ?? 0;
    seen.set(s + said, before + 1);
    output.item(
      tickItem({
        symbol: s,
        price,
        size,
        time: t * 1000,
        exchange: null,
        id: before === 0 ? said : `${said}:${before}`,
      }),
    );
  }
}

export const finnhub: Preset = {
  name: 'finnhub',
  doc: 'Finnhub: last trades of stocks, forex and crypto; symbols such as AAPL or BINANCE:BTCUSDT. Needs `api.key`.',
  channels: ['trades'],
  needs: ['api.key'],
  checkSymbol: symbolsLike(/^\S+$/, 'AAPL or BINANCE:BTCUSDT'),
  open({ key }) {
    const messages = (type: string, symbols: readonly string[]): readonly string[] =>
      symbols.map((symbol) => JSON.stringify({ type, symbol }));
    return {
      name: 'finnhub',
      ...TICK_SCHEMAS,
      symbolsPerConnection: Number.POSITIVE_INFINITY,
      oneConnection: true,
      contiguous: false,
      // Closed markets are silent but for the server's pings, which come about once a minute.
      timing: { silenceMs: 180_000 },
      urls: () => [`wss://ws.finnhub.io?token=${encodeURIComponent(key)}`],
      stages: (symbols) => [{ name: 'subscribe', send: messages('subscribe', symbols), expects: 0 }],
      goodbye: (symbols) => messages('unsubscribe', symbols),
      read: (data, _binary, output) => read(data, output),
    };
  },
};
