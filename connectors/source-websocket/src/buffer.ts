import { type Entry, sizeOf } from './entry.ts';
import type { Gap } from './gap.ts';

export interface BufferLimits {
  readonly records: number;
  readonly bytes: number;
}

/** Where entries go that do not fit into memory. First in, first out. */
export interface Overflow {
  readonly size: number;
  push(entries: readonly Entry[]): void;
  /** Puts entries in front of all others. */
  unshift(entries: readonly Entry[]): void;
  /** The next entries, in the order of `push`; they are gone from here. Empty if there are none. */
  shift(): readonly Entry[];
}

export interface BufferOptions {
  readonly limits: BufferLimits;
  readonly policy: 'block' | 'drop_oldest' | 'spill';
  /** Needed for `spill`. */
  readonly overflow: Overflow | null;
  /** Told when the buffer is too full to take more, with `block`, and when there is room again. */
  readonly onBlock: (blocked: boolean) => void;
  readonly onDrop: (count: number) => void;
  readonly now: () => number;
}

/** Entries on their way to overflow are written in portions of this many. */
const PORTION = 200;

/** Entries between the feed and the worker, within limits. */
export class EntryBuffer {
  readonly #options: BufferOptions;
  #entries: Entry[] = [];
  /** Where the first entry is. */
  #start = 0;
  #bytes = 0;
  #blocked = false;
  /** Accepted when memory was full already, not yet handed to the overflow. */
  #portion: Entry[] = [];
  /** What goes before the entries: gaps of what was dropped, and what stood between. */
  #told: Entry[] = [];
  /** Where in there a symbol's dropped records are told. */
  readonly #dropped = new Map<string, number>();

  constructor(options: BufferOptions) {
    this.#options = options;
  }

  get size(): number {
    return (
      this.#entries.length -
      this.#start +
      this.#portion.length +
      (this.#options.overflow?.size ?? 0) +
      this.#told.length
    );
  }

  /** How full the memory is, from 0 to 1 and beyond. */
  get fill(): number {
    const { limits } = this.#options;
    return Math.max((this.#entries.length - this.#start) / limits.records, this.#bytes / limits.bytes);
  }

  push(entry: Entry): void {
    const { policy, overflow } = this.#options;
    if (policy === 'spill' && (this.#portion.length > 0 || overflow!.size > 0 || this.fill >= 1)) {
      this.#portion.push(entry);
      if (this.#portion.length >= PORTION) this.#spill();
      return;
    }
    this.#entries.push(entry);
    this.#bytes += sizeOf(entry);
    if (this.fill < 1) return;
    if (policy === 'drop_oldest') this.#drop();
    else if (policy === 'block' && !this.#blocked) {
      this.#blocked = true;
      this.#options.onBlock(true);
    }
  }

  /** The oldest entries, at most so many. */
  take(count: number): readonly Entry[] {
    const told = this.#told;
    if (told.length > 0) {
      this.#told = [];
      this.#dropped.clear();
    }
    if (this.#start === this.#entries.length) this.#refill();
    const end = Math.min(this.#entries.length, this.#start + count);
    const taken =
      this.#start === 0 && end === this.#entries.length ? this.#entries : this.#entries.slice(this.#start, end);
    for (const entry of taken) this.#bytes -= sizeOf(entry);
    if (end === this.#entries.length) {
      this.#entries = [];
      this.#start = 0;
    } else this.#start = end;
    if (this.#blocked && this.fill <= 0.5) {
      this.#blocked = false;
      this.#options.onBlock(false);
    }
    return told.length > 0 ? [...told, ...taken] : taken;
  }

  /** Hands all that is in memory to the overflow, for a stop after which that is read again. */
  save(): void {
    const { overflow } = this.#options;
    if (!overflow) return;
    if (this.#portion.length > 0) this.#spill();
    const entries = this.#entries.slice(this.#start);
    if (entries.length > 0) overflow.unshift(entries);
    this.#entries = [];
    this.#start = 0;
    this.#bytes = 0;
  }

  #refill(): void {
    const more = this.#options.overflow?.shift() ?? [];
    this.#entries = more.length > 0 ? [...more] : this.#portion;
    if (more.length === 0) this.#portion = [];
    this.#start = 0;
    this.#bytes = this.#entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  }

  #spill(): void {
    this.#options.overflow!.push(this.#portion);
    this.#portion = [];
  }

  /** Makes room for a tenth of the limits, so that this is done rarely. */
  #drop(): void {
    let count = 0;
    while (this.#start < this.#entries.length - 1 && this.fill > 0.9) {
      const entry = this.#entries[this.#start++]!;
      this.#bytes -= sizeOf(entry);
      if (entry.kind === 'record') {
        count++;
        this.#tell(entry);
      } else {
        if (entry.kind === 'gap') this.#dropped.delete(entry.symbol);
        this.#told.push(entry);
      }
    }
    if (this.#start * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#start);
      this.#start = 0;
    }
    if (count > 0) this.#options.onDrop(count);
  }

  #tell({ symbol, item, offset }: Extract<Entry, { kind: 'record' }>): void {
    const now = this.#options.now();
    const place = this.#dropped.get(symbol) ?? this.#told.length;
    const before = this.#told[place];
    const so = before?.kind === 'gap' ? before.gap : null;
    const gap: Gap = {
      symbol,
      from: so ? so.from : item.sequence,
      to: item.sequence,
      count: (so?.count ?? 0) + 1,
      since: so?.since ?? now,
      recovered: false,
      reason: 'dropped',
    };
    this.#told[place] = { kind: 'gap', symbol, gap, offset, until: now };
    this.#dropped.set(symbol, place);
  }
}
