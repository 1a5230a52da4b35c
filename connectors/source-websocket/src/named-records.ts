import type { SourceOffset } from '@tributary/api';
import type { Item } from './feed.ts';
import { numberIn, type Outlet, type SymbolState } from './symbol.ts';

/** So many ids go into the offset, so that a restart knows them; */
const TAIL = 16;
/** up to so many where they are of the same moment, of which the time does not tell which were delivered. */
const MOST = 256;
const SEPARATOR = '\n';

/**
 * A symbol whose records have ids that do not count: the last so many are remembered, and what comes again is dropped. After a restart
 * the offset tells the last few; what is older than those is taken for delivered.
 */
export class NamedRecords implements SymbolState {
  readonly #limit: number;
  readonly #known = new Set<string>();
  /** The last ids with their times, the oldest first. */
  readonly #tail: Array<{ readonly id: string; readonly time: number | null }> = [];
  /** Records from before are not looked at: they were delivered before the restart. Milliseconds since the epoch. */
  readonly #since: number | null;
  #newest: number | null;

  /** @param limit how many ids are remembered */
  constructor(limit: number, stored: SourceOffset | null) {
    this.#limit = Math.max(limit, TAIL);
    this.#newest = numberIn(stored, 'time');
    this.#since = numberIn(stored, 'since');
    const ids = typeof stored?.ids === 'string' && stored.ids !== '' ? stored.ids.split(SEPARATOR) : [];
    for (const id of ids) {
      this.#known.add(id);
      this.#tail.push({ id, time: this.#since });
    }
  }

  accept(item: Item, _now: number, outlet: Outlet): void {
    const { time } = item;
    // Numbers that do not increase by one tell repetitions all the same.
    const id = item.id ?? (item.sequence === null ? null : String(item.sequence));
    if (id !== null) {
      if (this.#known.has(id) || (time !== null && this.#since !== null && time < this.#since)) {
        outlet.duplicate();
        return;
      }
      this.#remember(id, time);
    }
    if (time !== null && (this.#newest === null || time > this.#newest)) this.#newest = time;
    outlet.record(item, this.#offset());
  }

  offset(): SourceOffset | null {
    return this.#newest === null && this.#tail.length === 0 ? null : this.#offset();
  }

  #remember(id: string, time: number | null): void {
    this.#known.add(id);
    if (this.#known.size > this.#limit) this.#known.delete(this.#known.values().next().value!);
    this.#tail.push({ id, time });
    if (this.#tail.length > TAIL) this.#trim();
  }

  /** Drops the oldest; those of one moment all together. */
  #trim(): void {
    const tail = this.#tail;
    const { time } = tail[0]!;
    let count = 1;
    while (time !== null && count < tail.length && tail[count]!.time === time) count++;
    if (tail.length - count >= TAIL) tail.splice(0, count);
    else if (tail.length > MOST) tail.shift();
  }

  #offset(): SourceOffset {
    const ids = this.#tail.map((one) => one.id).join(SEPARATOR);
    return { ids, since: this.#tail.length < TAIL ? this.#since : this.#oldest(), time: this.#newest };
  }

  /** The earliest time of the tail: what is older and comes after a restart was delivered, or left the tail long ago. */
  #oldest(): number | null {
    let oldest: number | null = null;
    for (const { time } of this.#tail) if (time !== null && (oldest === null || time < oldest)) oldest = time;
    return oldest;
  }
}
