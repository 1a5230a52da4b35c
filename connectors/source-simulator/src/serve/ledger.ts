import { createWriteStream, type WriteStream } from 'node:fs';
import type { Trade } from './protocol.ts';
import { Ranges } from './ranges.ts';

/** Why a trade was not sent when it happened. */
export type Reason = 'gap' | 'lost' | 'nobody' | 'gone';

/** What became of the trades of a feed's symbol, since somebody subscribed to it for the first time. */
export interface Account {
  /** The first number that counts. */
  readonly first: number;
  /** The last number that was decided about. */
  last: number;
  /** Written to at least one connection that was up. */
  readonly sent: Ranges;
  /** Kept back on purpose. */
  readonly kept: Ranges;
  /** Of these, those that the REST API does not tell. */
  readonly lost: Ranges;
}

/** A line of a journal for each trade that is sent for the first time, or withheld. A trade may be withheld and sent later all the same. */
export class Journal {
  readonly #file: WriteStream;

  constructor(path: string) {
    this.#file = createWriteStream(path, { flags: 'a' });
  }

  write(feed: string, trade: Trade, why: Reason | null): void {
    const { symbol, sequence, time, micros = 0, price, size } = trade;
    const line = {
      feed,
      symbol,
      sequence,
      time_us: time * 1000 + micros,
      price,
      size,
      what: why ? 'withheld' : 'sent',
    };
    this.#file.write(`${JSON.stringify(why ? { ...line, why } : line)}\n`);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#file.end(resolve));
  }
}

/** Which trades of a feed were sent, and which were not. */
export class Ledger {
  readonly #feed: string;
  readonly #journal: Journal | null;
  readonly #accounts = new Map<string, Account>();

  constructor(feed: string, journal: Journal | null) {
    this.#feed = feed;
    this.#journal = journal;
  }

  get accounts(): ReadonlyMap<string, Account> {
    return this.#accounts;
  }

  begin(symbol: string, first: number): void {
    this.#accounts.set(symbol, {
      first,
      last: first - 1,
      sent: new Ranges(),
      kept: new Ranges(),
      lost: new Ranges(),
    });
  }

  sent(trade: Trade): void {
    const account = this.#accounts.get(trade.symbol)!;
    if (account.sent.add(trade.sequence)) this.#journal?.write(this.#feed, trade, null);
  }

  withheld(trade: Trade, why: Reason): void {
    const account = this.#accounts.get(trade.symbol)!;
    if (account.sent.has(trade.sequence)) return;
    if (why === 'gap' || why === 'lost') account.kept.add(trade.sequence);
    if (why === 'lost') account.lost.add(trade.sequence);
    this.#journal?.write(this.#feed, trade, why);
  }
}

type Told = ReadonlyArray<readonly [from: number, to: number]>;

/** What was sent, by symbol. */
export const sentBy = ({ accounts }: Ledger): Readonly<Record<string, Told>> =>
  Object.fromEntries([...accounts].map(([symbol, { sent }]) => [symbol, sent.all]));

/** What was not, and what of it the REST API does not tell either, by symbol. */
export const withheldBy = ({ accounts }: Ledger): Readonly<Record<string, { ranges: Told; lost: Told }>> =>
  Object.fromEntries(
    [...accounts].map(([symbol, { first, last, sent, lost }]) => [
      symbol,
      { ranges: sent.missing(first, last), lost: lost.all },
    ]),
  );
