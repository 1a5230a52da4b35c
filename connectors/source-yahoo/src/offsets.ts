import { ConnectError, type SourceOffset, type SourcePartition } from '@tributary/api';
import type { Quote } from './quote.ts';

/** A symbol's bars of one length; the offset is where the last one ended. */
export const barPartition = (symbol: string, interval: string): SourcePartition => ({ symbol, interval });
/** A symbol's dividends or splits; the offset is the time of the last one. */
export const eventPartition = (symbol: string, event: 'dividend' | 'split'): SourcePartition => ({ symbol, event });
/** A symbol's quotes; the offset is the last one. */
export const quotePartition = (symbol: string): SourcePartition => ({ symbol, interval: 'quote' });

/** @param end milliseconds since 1970 */
export const barOffset = (end: number): SourceOffset => ({ end });
export const eventOffset = (time: number): SourceOffset => ({ time });
export const quoteOffset = ({ time, price, bid, ask }: Quote): SourceOffset => ({ time, price, bid, ask });

/** Reads a time out of a stored offset; null if there is none. @throws ConnectError if it is damaged */
export function storedTime(offset: SourceOffset | null, key: 'end' | 'time'): number | null {
  if (!offset) return null;
  checkTime(offset, key);
  return offset[key] as number;
}

function checkTime(offset: SourceOffset, key: 'end' | 'time'): void {
  const value = offset[key];
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw new ConnectError(
      `The offset's '${key}' must be a time in milliseconds since 1970; it is ${JSON.stringify(value)}`,
    );
}

/** Checks offsets that a user wants to set. @throws ConnectError for the first that is wrong */
export function alterOffsets(offsets: ReadonlyArray<readonly [SourcePartition, SourceOffset | null]>): boolean {
  for (const [partition, offset] of offsets) {
    if (!offset) continue; // a reset, which is fine even for partitions that make no sense
    const { symbol, interval, event } = partition;
    if (typeof symbol !== 'string' || (typeof interval !== 'string' && typeof event !== 'string'))
      throw new ConnectError(
        "Partition objects should contain the keys 'symbol' and 'interval' (a length of bars, or 'quote'), or 'symbol' and 'event'",
      );
    checkTime(offset, event !== undefined || interval === 'quote' ? 'time' : 'end');
  }
  return true;
}
