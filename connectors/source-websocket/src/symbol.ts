import type { SourceOffset } from '@tributary/api';
import type { Item } from './feed.ts';
import type { Gap } from './gap.ts';

/** Takes what is to be delivered of a symbol, in order. The offset is where to go on behind it; null: it tells nothing. */
export interface Outlet {
  record(item: Item, offset: SourceOffset | null): void;
  gap(gap: Gap, offset: SourceOffset | null): void;
  /** A record that was delivered before. */
  duplicate(): void;
}

/** What is known of a symbol's records: which were delivered, and which are missing. */
export interface SymbolState {
  accept(item: Item, now: number, outlet: Outlet): void;
  /** The offset behind what was delivered; null if nothing was. */
  offset(): SourceOffset | null;
}

/** A number of a stored offset; null if there is none. */
export function numberIn(offset: SourceOffset | null, key: string): number | null {
  const value = offset?.[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
