import { createHash } from 'node:crypto';
import { MOST_RECENT } from './position.ts';

/** What was seen of a page that may have been read before it was full. */
interface Short {
  readonly page: string;
  readonly count: number;
  /** Whether it was asked for again. */
  readonly again: boolean;
}

/** More ids than these are not remembered. */
const MOST_IDS = 100_000;
const STUCK = 4;

/**
 * What is remembered of a round while it lasts, which is needed where an API moves records from page to page while they are read, or leads
 * in circles.
 */
export class RoundMemory {
  readonly #ids = new Set<string>();
  readonly #pages = new Set<string>();
  #largest = 0;
  #short: Short | null = null;
  #answer = '';
  #same = 0;

  /** The ids of the records that were read. */
  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  /** Those that came last. */
  get recent(): readonly string[] {
    return [...this.#ids].slice(-MOST_RECENT);
  }

  /** A round begins. */
  clear(): void {
    this.#ids.clear();
    this.#pages.clear();
    this.#short = null;
    this.#answer = '';
  }

  add(ids: readonly string[]): void {
    for (const id of ids) {
      // Those that come again are the last ones again.
      this.#ids.delete(id);
      this.#ids.add(id);
    }
    for (const id of this.#ids) {
      if (this.#ids.size <= MOST_IDS) return;
      this.#ids.delete(id);
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
