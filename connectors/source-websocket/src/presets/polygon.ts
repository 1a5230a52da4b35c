import { parseExactJson } from '@tributary/api/json';
import type { FeedOutput, Item, Preset } from '../feed.ts';
import { chunks, digits, readAll, symbolsLike, TICK_SCHEMAS, tradeItem, whole } from './trade.ts';

interface Message {
  readonly ev?: string;
  readonly status?: string;
  readonly message?: string;
  readonly sym: string;
  readonly x?: unknown;
  readonly i?: unknown;
  readonly p?: unknown;
  readonly s?: unknown;
  readonly t: unknown;
  readonly q?: unknown;
}

const SYMBOLS_PER_MESSAGE = 500;

function read(data: Buffer, output: FeedOutput): void {
  const messages = parseExactJson(data.toString(), true) as readonly Message[];
  if (!Array.isArray(messages)) throw new Error('a message that is no array');
  readAll(messages, (message) => {
    if (message.ev === 'status') readStatus(message, output);
    else if (message.ev === 'T') output.item(trade(message));
  });
}

function trade({ sym, p, s, t, x, i, q }: Message): Item {
  const numbered = q !== undefined && q !== null;
  const tradeId = digits(i);
  return tradeItem({
    symbol: sym,
    price: digits(p),
    size: digits(s),
    time: whole(t) * 1000,
    exchange: digits(x),
    currency: 'USD',
    tradeId,
    // Increasing within a symbol and a day, but with gaps of its own: it tells repetitions, not what is missing.
    sequence: numbered ? whole(q) : null,
    id: numbered ? `${digits(t)}:${digits(q)}` : `${digits(t)}:${digits(x)}:${tradeId}`,
  });
}

function readStatus({ status, message }: Message, output: FeedOutput): void {
  const text = `${status}: ${message}`;
  switch (status) {
    case 'connected':
      output.acknowledged('connect', 1);
      return;
    case 'auth_success':
      output.acknowledged('authenticate', 1);
      return;
    case 'success':
      output.acknowledged('subscribe', 1);
      return;
    case 'auth_failed':
    case 'auth_timeout':
      output.refused(text, status === 'auth_failed');
      return;
    case 'max_connections':
      output.refused(text, false);
      return;
    case 'error':
      // What the key does not include, no other attempt brings.
      if (/not authorized|don't have access/i.test(text)) output.refused(text, true);
      else output.rejected(text);
      return;
  }
}

export const polygon: Preset = {
  name: 'polygon',
  doc: 'Polygon.io: trades of US stocks; symbols such as AAPL. Needs `api.key`.',
  channels: ['T'],
  needs: ['api.key'],
  checkSymbol: symbolsLike(/^[A-Za-z0-9./*-]+$/, 'AAPL'),
  open({ channel, key }) {
    const messages = (action: string, symbols: readonly string[]): readonly string[] =>
      chunks(symbols, SYMBOLS_PER_MESSAGE).map((part) =>
        JSON.stringify({ action, params: part.map((symbol) => `${channel}.${symbol}`).join(',') }),
      );
    return {
      name: 'polygon',
      ...TICK_SCHEMAS,
      symbolsPerConnection: Number.POSITIVE_INFINITY,
      oneConnection: true,
      contiguous: false,
      // Nothing comes while the market is closed.
      timing: { silenceMs: 300_000 },
      urls: () => ['wss://socket.polygon.io/stocks'],
      stages: (symbols) => [
        { name: 'connect', send: [], expects: 1 },
        { name: 'authenticate', send: [JSON.stringify({ action: 'auth', params: key })], expects: 1 },
        // One status for all symbols of a message, or one for each: the first is enough.
        { name: 'subscribe', send: messages('subscribe', symbols), expects: 1, refusals: symbols.length },
      ],
      goodbye: (symbols) => messages('unsubscribe', symbols),
      read: (data, _binary, output) => read(data, output),
    };
  },
};
