import { parseExactJson } from '@tributary/api/json';
import type { FeedOutput, Preset } from '../feed.ts';
import { isoMicroseconds } from '../times.ts';
import { digits, readAll, sideOf, symbolsLike, TICK_SCHEMAS, type Told, tradeItem } from './trade.ts';

interface Message {
  readonly T?: string;
  readonly msg?: string;
  readonly code?: number;
  readonly S: string;
  readonly i?: unknown;
  readonly x?: string;
  readonly p?: unknown;
  readonly s?: unknown;
  readonly t: string;
  /** The taker's side, of crypto only. */
  readonly tks?: unknown;
}

/** Of the server's error codes those that another attempt does not mend: authentication failed, version not enabled, insufficient subscription. */
const PERMANENT = new Set([402, 408, 409]);
/** Those that are about one message only: invalid syntax, symbol limit exceeded, invalid subscribe action. */
const ABOUT_A_MESSAGE = new Set([400, 405, 410]);
/** Already authenticated: by the headers of the handshake. */
const ALREADY = 403;

function read(data: Buffer, output: FeedOutput): void {
  const messages = parseExactJson(data.toString(), true) as readonly Message[];
  if (!Array.isArray(messages)) throw new Error('a message that is no array');
  readAll(messages, (message) => {
    switch (message.T) {
      case 't':
        output.item(
          tradeItem({
            symbol: message.S,
            price: digits(message.p),
            size: digits(message.s),
            time: isoMicroseconds(message.t),
            exchange: message.x ?? null,
            side: sideOf(message.tks),
            currency: message.S?.split('/')[1] ?? 'USD',
            ...identity(message),
          }),
        );
        break;
      case 'success':
        output.acknowledged(message.msg === 'authenticated' ? 'authenticate' : 'connect', 1);
        break;
      case 'subscription':
        output.acknowledged('subscribe', 1);
        break;
      case 'error':
        refuse(message, output);
        break;
    }
  });
}

/** The ids of trades are unique within an exchange, a symbol and a day, but do not count. */
function identity({ x, i, t }: Message): Pick<Told, 'sequence' | 'tradeId' | 'id'> {
  const tradeId = digits(i);
  return { sequence: typeof i === 'number' ? i : null, tradeId, id: `${t}:${x ?? ''}:${tradeId}` };
}

function refuse({ code = 0, msg }: Message, output: FeedOutput): void {
  const text = `code ${code}: ${msg}`;
  if (code === ALREADY) output.acknowledged('authenticate', 1);
  else if (ABOUT_A_MESSAGE.has(code)) output.rejected(text);
  else output.refused(text, PERMANENT.has(code));
}

export const alpaca: Preset = {
  name: 'alpaca',
  doc: 'Alpaca: trades of US stocks from the exchange IEX or from all of them (`channel` iex or sip); symbols such as AAPL. Needs `api.key` and `api.secret`.',
  channels: ['iex', 'sip', 'delayed_sip', 'test'],
  needs: ['api.key', 'api.secret'],
  checkSymbol: symbolsLike(/^(\*|[A-Z0-9./]+)$/, 'AAPL'),
  open({ channel, key, secret }) {
    const subscribe = (trades: readonly string[]): string => JSON.stringify({ action: 'subscribe', trades });
    return {
      name: 'alpaca',
      ...TICK_SCHEMAS,
      symbolsPerConnection: Number.POSITIVE_INFINITY,
      oneConnection: true,
      contiguous: false,
      // Nothing comes while the market is closed.
      timing: { silenceMs: 300_000 },
      urls: () => [`wss://stream.data.alpaca.markets/v2/${channel}`],
      stages: (symbols) => [
        { name: 'connect', send: [], expects: 1 },
        { name: 'authenticate', send: [JSON.stringify({ action: 'auth', key, secret })], expects: 1 },
        {
          name: 'subscribe',
          send: [subscribe(symbols)],
          expects: 1,
          // With one symbol too many, or one that is none, it refuses all of a message.
          apart: symbols.map((symbol) => subscribe([symbol])),
        },
      ],
      goodbye: (symbols) => [JSON.stringify({ action: 'unsubscribe', trades: symbols })],
      read: (data, _binary, output) => read(data, output),
    };
  },
};
