import type { SourceOffset } from '@tributary/api';
import type { Hole, Item } from './feed.ts';
import type { Gap, GapReason } from './gap.ts';
import { Ranges } from './ranges.ts';
import { numberIn, type Outlet, type SymbolState } from './symbol.ts';

interface Held {
  readonly item: Item;
  readonly sequence: number;
  /** When it came. */
  readonly at: number;
}

/** So many records in a row that are numbered too low, but are newer than all before, mean that the feed counts anew. */
const RESET_AFTER = 3;

/**
 * A symbol whose records are numbered by one. They are delivered in the order of their numbers: what comes too early is held until what
 * is missing has come, was recovered, or was given up. So the offset is one number, with nothing missing below it that was not told.
 */
export class NumberedRecords implements SymbolState {
  readonly #symbol: string;
  /** The number of the last record delivered or given up. Null before the first. */
  #last: number | null;
  /** The latest time among those delivered. */
  #newest: number | null;
  /** The time of the last one, which is earlier where the feed's clock was set back. */
  #time: number | null;
  /** In the order of their numbers, all of them beyond the next. */
  readonly #held: Held[] = [];
  /** Numbers up to this one were said to be there. */
  #said = Number.NEGATIVE_INFINITY;
  #saidAt = 0;
  /** What was given up and may still come. */
  readonly #lost = new Ranges(1000);
  #suspects: Item[] = [];

  constructor(symbol: string, stored: SourceOffset | null) {
    this.#symbol = symbol;
    this.#last = numberIn(stored, 'sequence');
    this.#newest = numberIn(stored, 'time');
    this.#time = this.#newest;
  }

  /** How many records wait for others. */
  get held(): number {
    return this.#held.length;
  }

  offset(): SourceOffset | null {
    return this.#last === null ? null : this.#offset();
  }

  accept(item: Item, now: number, outlet: Outlet): void {
    const sequence = item.sequence!;
    if (this.#last === null || sequence > this.#last) {
      this.#suspects.length = 0;
      if (sequence - 1 === this.#last && this.#held.length === 0) this.#deliver(item, sequence, outlet);
      else if (!this.#hold({ item, sequence, at: now })) outlet.duplicate();
      else this.#release(outlet);
    } else if (this.#lost.remove(sequence)) {
      outlet.gap(this.#gap('late', sequence, sequence, now, true), this.#offset());
      outlet.record(item, this.#offset());
    } else if (item.time === null || this.#newest === null || item.time <= this.#newest) outlet.duplicate();
    else this.#suspect(item, now, outlet);
  }

  /** The feed says that the symbol's records up to this number are there. */
  exists(sequence: number, now: number): void {
    if (this.#last === null || sequence <= Math.max(this.#last, this.#said)) return;
    if (this.#said <= this.#last) this.#saidAt = now;
    this.#said = sequence;
  }

  /** When the first missing record was noticed to be missing; null if none is. Milliseconds since the epoch. */
  waitingSince(): number | null {
    if (this.#held.length > 0) return this.#held[0]!.at;
    return this.#last !== null && this.#said > this.#last ? this.#saidAt : null;
  }

  /** What is missing first; null if nothing is, or if nobody can know because nothing has been delivered yet. */
  hole(): Hole | null {
    if (this.#last === null) return null;
    const to = this.#held.length > 0 ? this.#held[0]!.sequence - 1 : this.#said;
    return to > this.#last ? { symbol: this.#symbol, from: this.#last + 1, to, after: this.#time } : null;
  }

  /** Nothing was delivered before what is held: it is the beginning. */
  begin(outlet: Outlet): void {
    if (this.#last !== null || this.#held.length === 0) return;
    this.#last = this.#held[0]!.sequence - 1;
    this.#release(outlet);
  }

  /**
   * Delivers records of the hole that were found elsewhere. What is missing between them is given up: who has the later ones would have
   * had those too.
   * @param found in the order of their numbers; those beyond the hole are left out
   */
  fill(hole: Hole, found: readonly Item[], since: number, outlet: Outlet): void {
    let from: number | null = null;
    const tell = (): void => {
      if (from !== null) outlet.gap(this.#gap('missing', from, this.#last!, since, true), this.#offset());
      from = null;
    };
    for (const item of found) {
      const sequence = item.sequence!;
      if (sequence <= this.#last! || sequence > hole.to) continue;
      if (sequence > this.#last! + 1) {
        tell();
        this.#lose(sequence - 1, since, outlet);
      }
      from ??= sequence;
      this.#deliver(item, sequence, outlet);
    }
    tell();
    this.#release(outlet);
  }

  /** Goes on without what is still missing of the hole. */
  giveUp(hole: Hole, since: number, outlet: Outlet): void {
    if (this.#last! < hole.to) this.#lose(hole.to, since, outlet);
    this.#release(outlet);
  }

  #lose(to: number, since: number, outlet: Outlet): void {
    const from = this.#last! + 1;
    this.#lost.add(from, to);
    this.#last = to;
    outlet.gap(this.#gap('missing', from, to, since, false), this.#offset());
  }

  #deliver(item: Item, sequence: number, outlet: Outlet): void {
    this.#last = sequence;
    if (item.time !== null) {
      this.#time = item.time;
      if (this.#newest === null || item.time > this.#newest) this.#newest = item.time;
    }
    outlet.record(item, this.#offset());
  }

  /** @returns false if a record of that number is held already */
  #hold(one: Held): boolean {
    const held = this.#held;
    let low = 0;
    let high = held.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (held[middle]!.sequence < one.sequence) low = middle + 1;
      else high = middle;
    }
    if (held[low]?.sequence === one.sequence) return false;
    held.splice(low, 0, one);
    return true;
  }

  /** Delivers what is held as far as nothing is missing. */
  #release(outlet: Outlet): void {
    if (this.#last === null) return;
    let count = 0;
    for (const { item, sequence } of this.#held) {
      if (sequence > this.#last + 1) break;
      count++;
      if (sequence > this.#last) this.#deliver(item, sequence, outlet);
      else outlet.duplicate();
    }
    if (count > 0) this.#held.splice(0, count);
  }

  /** A number that was passed, with a time that is later than all delivered: no repetition. */
  #suspect(item: Item, now: number, outlet: Outlet): void {
    if (this.#suspects.some((one) => one.sequence === item.sequence)) {
      outlet.duplicate();
      return;
    }
    this.#suspects.push(item);
    if (this.#suspects.length < RESET_AFTER) return;
    const suspects = this.#suspects;
    this.#suspects = [];
    for (let hole = this.hole(); hole; hole = this.hole()) this.giveUp(hole, now, outlet);
    const from = this.#last! + 1;
    suspects.sort((a, b) => a.sequence! - b.sequence!);
    this.#last = suspects[0]!.sequence! - 1;
    this.#said = Number.NEGATIVE_INFINITY;
    this.#lost.clear();
    outlet.gap({ ...this.#gap('reset', from, this.#last, now, false), count: null }, this.#offset());
    for (const one of suspects) this.accept(one, now, outlet);
  }

  #gap(reason: GapReason, from: number, to: number, since: number, recovered: boolean): Gap {
    return { symbol: this.#symbol, from, to, count: to - from + 1, since, recovered, reason };
  }

  #offset(): SourceOffset {
    return { sequence: this.#last, time: this.#newest };
  }
}
