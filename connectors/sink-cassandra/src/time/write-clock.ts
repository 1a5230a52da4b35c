/** The write times that were given to records of one timestamp. All in microseconds since the epoch. */
export interface Run {
  /** The records' own timestamp. */
  readonly base: number;
  readonly first: number;
  last: number;
}

/** How many timestamps a clock remembers unless told otherwise. */
export const MOST_RUNS = 32;

/** Where in the width of a timestamp late records begin: behind those that came in time. */
const LATE = 0.9;

/**
 * Gives the records of a partition write times, in the order of their offsets, so that of two records
 * - the one with the newer timestamp gets the later write time, whichever comes first: what is late overwrites nothing newer;
 * - with equal timestamps the one with the higher offset does, although a store keeps one value only per write time.
 *
 * That holds as long as there is room: a timestamp is `width` microseconds wide, and where more records than that share one, those
 * behind it move on. Late records between timestamps that were pushed together so, and more than a tenth of the width with one
 * timestamp, may share a write time.
 *
 * What comes out depends on nothing but the records since the beginning and the state that the clock began with.
 */
export class WriteClock {
  readonly #width: number;
  readonly #most: number;
  /** By timestamp, the newest last. */
  #runs: Run[];

  /**
   * @param width how many microseconds the records' timestamps are apart at least: 1000 for milliseconds
   * @param runs a state that `state` gave
   */
  constructor(width: number, runs: readonly Run[] = [], most: number = MOST_RUNS) {
    this.#width = width;
    this.#most = most;
    this.#runs = copyOf(runs);
  }

  /** The state, to go on with in another clock. */
  get state(): readonly Run[] {
    return copyOf(this.#runs);
  }

  /** @param base the record's timestamp; null: it has none, and counts as the newest so far */
  next(base: number | null): number {
    const newest = this.#runs.at(-1);
    if (newest === undefined) return this.#add(0, base ?? 0, base ?? 0);
    if (base === null || base === newest.base) return ++newest.last;
    if (base < newest.base) return this.#late(base);
    // A width is left free behind what overflowed, for late records in between.
    return this.#add(this.#runs.length, base, newest.last < base ? base : newest.last + this.#width);
  }

  #late(base: number): number {
    let newer = this.#runs.length - 1;
    while (newer > 0 && this.#runs[newer - 1]!.base > base) newer--;
    const cap = this.#runs[newer]!.first - 1;
    const older = this.#runs[newer - 1];
    if (older?.base === base) {
      const time = Math.min(older.last + 1, cap);
      older.last = Math.max(older.last, time);
      return time;
    }
    const late = base + Math.floor(this.#width * LATE);
    const time = Math.min(older === undefined ? late : Math.max(late, older.last + 1), cap);
    return this.#add(newer, base, time);
  }

  #add(at: number, base: number, time: number): number {
    this.#runs.splice(at, 0, { base, first: time, last: time });
    if (this.#runs.length > this.#most) this.#forget();
    return time;
  }

  /** The oldest goes; before it, one that stayed within its width, which nobody needs to know of. */
  #forget(): void {
    const end = this.#runs.length - 1;
    const harmless = this.#runs.findIndex(({ base, last }, i) => i < end && last < base + this.#width);
    this.#runs.splice(Math.max(harmless, 0), 1);
  }
}

const copyOf = (runs: readonly Run[]): Run[] => runs.map(({ base, first, last }) => ({ base, first, last }));
