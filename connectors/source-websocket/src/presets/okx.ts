import type { FeedOutput, Preset } from '../feed.ts';
import { chunks, readAll, sideOf, symbolsLike, TICK_SCHEMAS, tradeItem, whole } from './trade.ts';

interface Trade {
  readonly instId: string;
  readonly tradeId: unknown;
  readonly px: unknown;
  readonly sz: unknown;
  /** The taker's. */
  readonly side: unknown;
  readonly ts: unknown;
}

interface Message {
  readonly event?: string;
  readonly code?: string;
  readonly msg?: string;
  readonly arg?: { readonly channel?: string };
  readonly data?: readonly Trade[];
}

/** Errors that are about one subscription: no such channel or instrument, or one that is spelled wrong. */
const ABOUT_A_SUBSCRIPTION = new Set(['60012', '60018']);
/** Symbols of one message, so that it stays below 64 KB. */
const SYMBOLS_PER_MESSAGE = 500;

function read(text: string, output: FeedOutput): void {
  if (text === 'pong') return;
  const message = JSON.parse(text) as Message;
  const said = `code ${message.code}: ${message.msg}`;
  switch (message.event) {
    case undefined:
      readAll(message.data, (one) => output.item(trade(one)));
      return;
    case 'subscribe':
      output.acknowledged('subscribe', 1);
      return;
    case 'error':
      if (ABOUT_A_SUBSCRIPTION.has(message.code ?? '')) output.rejected(said);
      else output.refused(said, false);
      return;
    case 'notice':
      output.leaving(said);
  }
}

const trade = ({ instId, tradeId, px, sz, side, ts }: Trade) =>
  tradeItem({
    symbol: instId,
    price: px,
    size: sz,
    time: whole(ts) * 1000,
    side: sideOf(side),
    currency: instId?.split('-')[1] ?? null,
    exchange: 'OKX',
    // The documentation does not say that the numbers have no gaps of their own.
    sequence: whole(tradeId),
    tradeId: String(tradeId),
    id: String(tradeId),
  });

export const okx: Preset = {
  name: 'okx',
  doc: 'OKX, version 5 of its API: all trades, or trades aggregated by price and taker (trades); symbols such as BTC-USDT.',
  channels: ['trades-all', 'trades'],
  needs: [],
  checkSymbol: symbolsLike(/^[A-Z0-9]+(-[A-Z0-9]+)+$/, 'BTC-USDT'),
  open({ channel }) {
    const messages = (op: string, symbols: readonly string[]): readonly string[] =>
      chunks(symbols, SYMBOLS_PER_MESSAGE).map((part) =>
        JSON.stringify({ op, args: part.map((instId) => ({ channel, instId })) }),
      );
    return {
      name: 'okx',
      ...TICK_SCHEMAS,
      symbolsPerConnection: 480,
      contiguous: false,
      // The server cuts connections on which neither side says anything for 30 seconds.
      timing: { heartbeatMs: 20_000 },
      urls: () => [`wss://ws.okx.com:8443/ws/v5/${channel === 'trades' ? 'public' : 'business'}`],
      stages: (symbols) => [{ name: 'subscribe', send: messages('subscribe', symbols), expects: symbols.length }],
      heartbeat: () => ['ping'],
      goodbye: (symbols) => messages('unsubscribe', symbols),
      read: (data, _binary, output) => read(data.toString(), output),
    };
  },
};
