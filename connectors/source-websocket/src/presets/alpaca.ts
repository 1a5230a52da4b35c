import { parseExactJson } from '@tributary/api/json';
import type { FeedOutput, Preset } from '../feed.ts';
import { isoMicroseconds } from '../times.ts';
import { digits, symbolsLike, TICK_SCHEMAS, tickItem } from './trade.ts';

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
}

/** Of the server's error codes those that another attempt does not mend: authentication failed, insufficient subscription. */
const PERMANENT = new Set([402, 409]);
/** Those that are about one message only: invalid syntax, symbol limit exceeded, invalid subscribe action. */
const ABOUT_A_MESSAGE = new Set([400, 405, 410]);
/** Already authenticated: by the headers of the handshake. */
const ALREADY = 403;

function read(data: Buffer, output: FeedOutput): void {
  const messages = parseExactJson(data.toString(), true) as readonly Message[];
  if (!Array.isArray(messages)) throw new Error('a message that is no array');
  for (const message of messages) {
    switch (message.T) {
      case 't':
        output.item(
          tickItem({
            symbol: message.S,
            price: digits(message.p),
            size: digits(message.s),
            time: isoMicroseconds(message.t),
            exchange: message.x ?? null,
            ...identity(message.x, message.i),
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
  }
}

/** The ids of trades are unique within an exchange and a symbol, but do not count. */
function identity(
  exchange: string | undefined,
  id: unknown,
): { readonly sequence: number | null; readonly id: string } {
  return { sequence: typeof id === 'number' ? id : null, id: `${exchange ?? ''}:${String(id)}` };
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
  checkSymbol: symbolsLike(/^[A-Z0-9./]+$/, 'AAPL'),
  open({ channel, key, secret }) {
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
        { name: 'subscribe', send: [JSON.stringify({ action: 'subscribe', trades: symbols })], expects: 1 },
      ],
      goodbye: (symbols) => [JSON.stringify({ action: 'unsubscribe', trades: symbols })],
      read: (data, _binary, output) => read(data, output),
    };
  },
};
