import type { SourceOffset } from '@tributary/api';
import type { Feed, Hole, Item } from './feed.ts';
import type { Gap } from './gap.ts';
import { NamedRecords } from './named-records.ts';
import { NumberedRecords } from './numbered-records.ts';
import type { Outlet, SymbolState } from './symbol.ts';

/** Looks for a hole's records; see `recover`. */
export type Recover = (hole: Hole, found: (items: readonly Item[]) => Hole | null) => Promise<string | null>;

export interface StreamOptions {
  readonly feed: Pick<Feed, 'contiguous'>;
  /** How long a symbol's records wait for missing ones before these are looked for elsewhere, or given up. Milliseconds. */
  readonly reorderMs: number;
  /** How many ids of a symbol are remembered, where records have ids that do not count. */
  readonly ids: number;
  readonly outlet: Outlet;
  /** Null: there is nowhere to look. */
  readonly recover: Recover | null;
  /** Reads where a symbol's records go on; see `SourceOffsets`. */
  readonly stored: (symbol: string) => Promise<SourceOffset | null>;
  readonly onGivenUp: (hole: Hole, reason: string) => void;
  readonly onError: (error: unknown) => void;
  readonly now: () => number;
}

/** Puts the records of all symbols of a task in order, drops what comes again, and sees to what is missing. */
export class RecordStream {
  readonly #options: StreamOptions;
  readonly #symbols = new Map<string, SymbolState>();
  /** Records of symbols whose offset is being read. */
  readonly #waiting = new Map<string, Item[]>();
  /** Symbols that miss something or have not begun. */
  readonly #watched = new Map<string, NumberedRecords>();
  /** Symbols whose holes wait to be looked for: one after the other, so that the server is asked no more than one thing at a time. */
  readonly #queue = new Set<string>();
  #recovering = false;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** Begins a symbol where the stored offset says. */
  open(symbol: string, stored: SourceOffset | null): void {
    const { feed, ids } = this.#options;
    this.#symbols.set(symbol, feed.contiguous ? new NumberedRecords(symbol, stored) : new NamedRecords(ids, stored));
  }

  accept(item: Item): void {
    const state = this.#symbols.get(item.symbol);
    if (!state) {
      this.#wait(item);
      return;
    }
    if (state instanceof NumberedRecords) {
      if (item.sequence === null) {
        this.#options.outlet.record(item, state.offset());
        return;
      }
      state.accept(item, this.#options.now(), this.#options.outlet);
      if (state.waitingSince() !== null) this.#watch(item.symbol, state);
    } else state.accept(item, this.#options.now(), this.#options.outlet);
  }

  /** See `FeedOutput.exists`. */
  exists(symbol: string, sequence: number): void {
    const state = this.#symbols.get(symbol);
    if (!(state instanceof NumberedRecords)) return;
    state.exists(sequence, this.#options.now());
    if (state.waitingSince() !== null) this.#watch(symbol, state);
  }

  /** Tells of symbols that do not count that there was no connection for a while. */
  interrupted(symbols: Iterable<string>, since: number): void {
    for (const symbol of symbols) {
      const state = this.#symbols.get(symbol);
      if (state instanceof NumberedRecords) continue;
      const gap: Gap = { symbol, from: null, to: null, count: null, since, recovered: false, reason: 'disconnect' };
      this.#options.outlet.gap(gap, state?.offset() ?? null);
    }
  }

  /** How many records wait for missing ones. */
  get held(): number {
    let held = 0;
    for (const state of this.#watched.values()) held += state.held;
    return held;
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #wait(item: Item): void {
    const waiting = this.#waiting.get(item.symbol);
    if (waiting) {
      waiting.push(item);
      return;
    }
    const items = [item];
    this.#waiting.set(item.symbol, items);
    this.#options.stored(item.symbol).then((stored) => {
      this.#waiting.delete(item.symbol);
      if (this.#closed) return;
      this.open(item.symbol, stored);
      for (const one of items) this.accept(one);
    }, this.#options.onError);
  }

  #watch(symbol: string, state: NumberedRecords): void {
    if (this.#watched.has(symbol)) return;
    this.#watched.set(symbol, state);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer || this.#closed || this.#watched.size === 0) return;
    let first = Number.POSITIVE_INFINITY;
    for (const [symbol, state] of this.#watched)
      if (!this.#queue.has(symbol)) first = Math.min(first, state.waitingSince() ?? 0);
    if (first === Number.POSITIVE_INFINITY) return;
    const wait = Math.max(first + this.#options.reorderMs - this.#options.now(), 1);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#look();
    }, wait);
  }

  /** Sees to the symbols whose time is over. */
  #look(): void {
    const { reorderMs, outlet, recover, now } = this.#options;
    const due = now() - reorderMs;
    for (const [symbol, state] of this.#watched) {
      const since = state.waitingSince();
      if (since === null) this.#watched.delete(symbol);
      if (since === null || since > due || this.#queue.has(symbol)) continue;
      const hole = state.hole();
      if (!hole) state.begin(outlet);
      else if (recover) this.#queue.add(symbol);
      else state.giveUp(hole, since, outlet);
    }
    void this.#recoverAll();
    this.#schedule();
  }

  async #recoverAll(): Promise<void> {
    if (this.#recovering) return;
    this.#recovering = true;
    try {
      for (const symbol of this.#queue) {
        await this.#recover(this.#watched.get(symbol)!);
        this.#queue.delete(symbol);
        if (this.#closed) return;
      }
    } catch (error) {
      this.#options.onError(error);
    } finally {
      this.#recovering = false;
      this.#schedule();
    }
  }

  async #recover(state: NumberedRecords): Promise<void> {
    const { recover, outlet, onGivenUp } = this.#options;
    const hole = state.hole();
    const since = state.waitingSince();
    if (!hole || since === null) return;
    const rest = (): Hole | null => {
      const now = state.hole();
      return now && now.from <= hole.to ? { ...now, to: Math.min(now.to, hole.to) } : null;
    };
    const reason = await recover!(hole, (items) => {
      const missing = rest();
      if (missing && !this.#closed) state.fill(missing, items, since, outlet);
      return rest();
    });
    const missing = rest();
    if (!missing || this.#closed) return;
    onGivenUp(missing, reason ?? 'the server does not have them');
    state.giveUp(missing, since, outlet);
  }
}
