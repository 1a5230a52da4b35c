import { parseExactJson } from '@tributary/api/json';
import type { FeedOutput, Preset } from '../feed.ts';
import { digits, readAll, symbolsLike, TICK_SCHEMAS, tradeItem, whole } from './trade.ts';

interface Trade {
  readonly s: string;
  readonly p: unknown;
  readonly v: unknown;
  readonly t: unknown;
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
    // Other errors are about one subscription, such as one too many.
    if (/api ?key|token/i.test(text)) output.refused(text, true);
    else output.rejected(text);
    return;
  }
  if (message.type !== 'trade') return;
  // The feed numbers nothing: a trade is what it says. Equal ones within a message are trades of their own.
  const seen = new Map<string, number>();
  readAll(message.data, ({ s, p, v, t, c }) => {
    const price = digits(p);
    const size = digits(v);
    const said = `${t}:${price}:${size}:${c?.join(' ') ?? ''}`;
    const before = seen.get(s + said) ?? 0;
    seen.set(s + said, before + 1);
    output.item(
      tradeItem({
        symbol: s,
        price,
        size,
        time: whole(t) * 1000,
        // Of crypto and currencies the symbol names it.
        exchange: /^([^:]+):/.exec(s)?.[1] ?? null,
        id: before === 0 ? said : `${said}:${before}`,
      }),
    );
  });
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
