import type { FeedOutput, Preset } from '../feed.ts';
import { chunks, digits, readAll, sideOf, symbolsLike, TICK_SCHEMAS, tradeItem, whole } from './trade.ts';

interface Trade {
  readonly s: string;
  readonly i: unknown;
  readonly T: unknown;
  readonly p: unknown;
  readonly v: unknown;
  /** The taker's side. */
  readonly S: unknown;
}

interface Message {
  readonly op?: string;
  readonly success?: boolean;
  readonly ret_msg?: string;
  readonly topic?: string;
  readonly data?: readonly Trade[];
}

const TOPIC = 'publicTrade.';
/** The server takes no more topics in one message. */
const SYMBOLS_PER_MESSAGE = 10;
const PACE_MS = 50;

function read(data: Buffer, output: FeedOutput): void {
  const message = JSON.parse(data.toString()) as Message;
  if (message.topic?.startsWith(TOPIC)) readAll(message.data, (one) => output.item(trade(one)));
  else if (message.op === 'subscribe') {
    if (message.success === true || /already subscribed/i.test(message.ret_msg ?? ''))
      output.acknowledged('subscribe', 1);
    else output.rejected(String(message.ret_msg));
  }
}

const trade = ({ s, i, T, p, v, S }: Trade) =>
  tradeItem({
    symbol: s,
    price: p,
    size: v,
    time: whole(T) * 1000,
    side: sideOf(S),
    exchange: 'BYBIT',
    tradeId: digits(i),
    id: digits(i),
  });

export const bybit: Preset = {
  name: 'bybit',
  doc: 'Bybit, version 5 of its API: trades of the spot market, or of linear or inverse contracts (`channel`); symbols such as BTCUSDT.',
  channels: ['spot', 'linear', 'inverse'],
  needs: [],
  checkSymbol: symbolsLike(/^[A-Z0-9-]+$/, 'BTCUSDT'),
  open({ channel }) {
    const message = (op: string, symbols: readonly string[]): string =>
      JSON.stringify({ op, args: symbols.map((symbol) => TOPIC + symbol) });
    const messages = (op: string, symbols: readonly string[]): readonly string[] =>
      chunks(symbols, SYMBOLS_PER_MESSAGE).map((part) => message(op, part));
    return {
      name: 'bybit',
      ...TICK_SCHEMAS,
      symbolsPerConnection: 500,
      contiguous: false,
      // The server asks for a ping of its own kind every 20 seconds.
      timing: { heartbeatMs: 20_000 },
      urls: () => [`wss://stream.bybit.com/v5/public/${channel}`],
      stages(symbols) {
        const send = messages('subscribe', symbols);
        const apart = symbols.map((symbol) => message('subscribe', [symbol]));
        return [{ name: 'subscribe', send, expects: send.length, apart, paceMs: PACE_MS }];
      },
      heartbeat: () => ['{"op":"ping"}'],
      goodbye: (symbols) => messages('unsubscribe', symbols),
      read: (data, _binary, output) => read(data, output),
    };
  },
};
