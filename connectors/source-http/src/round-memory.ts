import { createHash } from 'node:crypto';
import { SHORT } from './position.ts';

/** What was seen of a page that may have been read before it was full. */
interface Short {
  readonly page: string;
  readonly count: number;
  /** Whether it was asked for again. */
  readonly again: boolean;
}

/** More versions of records than these are not remembered. */
const MOST = 100_000;
const STUCK = 4;

/** A version as an offset holds it, short however long the id is: 60 bits, so that two are alike by chance once in 10^13 times among 100,000. */
const inShort = (version: string): string => createHash('sha256').update(version).digest('base64url').slice(0, SHORT);

/**
 * What is remembered of a round while it lasts, which is needed where an API moves records from page to page while they are read, or leads
 * in circles.
 */
export class RoundMemory {
  readonly #read = new Set<string>();
  readonly #pages = new Set<string>();
  #largest = 0;
  #short: Short | null = null;
  #answer = '';
  #same = 0;

  /** Whether a record was read as it is. */
  has(version: string): boolean {
    return this.#read.has(inShort(version));
  }

  /** What came last, for an offset. */
  recent(most: number): readonly string[] {
    return [...this.#read].slice(-most);
  }

  /** Takes up what {@link recent} gave. */
  resume(recent: readonly string[]): void {
    for (const short of recent) this.#read.add(short);
  }

  /** A round begins. */
  clear(): void {
    this.#read.clear();
    this.#pages.clear();
    this.#short = null;
    this.#answer = '';
  }

  add(versions: readonly string[]): void {
    for (const version of versions) {
      const short = inShort(version);
      // Those that come again are the last ones again.
      this.#read.delete(short);
      this.#read.add(short);
    }
    for (const short of this.#read) {
      if (this.#read.size <= MOST) return;
      this.#read.delete(short);
    }
  }

  /** Whether a page was asked for in this round, by the name that the server gave it. */
  isKnown(page: string): boolean {
    return this.#pages.has(page);
  }

  asked(page: string): void {
    this.#pages.add(page);
  }

  /**
   * Whether a server does not know of pages: it gave the same answer, to the letter, so often in a row that it is no chance. Twice can be, where as many
   * records came meanwhile as a page has.
   */
  isStuck(text: string): boolean {
    const answer = createHash('sha256').update(text).digest('base64url');
    this.#same = answer === this.#answer ? this.#same + 1 : 1;
    this.#answer = answer;
    return this.#same >= STUCK;
  }

  /**
   * A numbered page that was not full when it was read may have been filled before the one behind it was: then what filled it is on
   * neither.
   * @returns the page to ask for again before this one counts, or null
   */
  missed(page: string, count: number): string | null {
    const short = this.#short;
    if (short && !short.again && count > 0 && Number(page) === Number(short.page) + 1) {
      this.#short = { ...short, again: true };
      return short.page;
    }
    // It is as short as it was: so are the pages of this server.
    const again = short?.again === true && short.page === page && short.count === count;
    const full = this.#largest > 0 && count >= this.#largest;
    this.#largest = Math.max(this.#largest, count);
    this.#short = count === 0 || full ? null : { page, count, again };
    return null;
  }
}
