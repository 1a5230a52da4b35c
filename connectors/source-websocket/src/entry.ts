import type { SourceOffset } from '@tributary/api';
import type { Item } from './feed.ts';
import type { Gap } from './gap.ts';

/** A frame that could not be read. */
export interface Malformed {
  readonly data: Buffer;
  readonly reason: string;
}

/** What waits to be taken by the worker: one record of the feed, of a gap, or of a malformed frame. */
export type Entry =
  | {
      readonly kind: 'record';
      readonly symbol: string;
      readonly item: Item;
      readonly offset: SourceOffset | null;
      readonly bytes: number;
    }
  | {
      readonly kind: 'gap';
      readonly symbol: string;
      readonly gap: Gap;
      readonly offset: SourceOffset | null;
      readonly until: number;
    }
  | { readonly kind: 'malformed'; readonly malformed: Malformed };

/** What an entry takes of the buffer, roughly. Bytes. */
export function sizeOf(entry: Entry): number {
  switch (entry.kind) {
    case 'record':
      return entry.bytes;
    case 'gap':
      return 100;
    case 'malformed':
      return entry.malformed.data.length;
  }
}
