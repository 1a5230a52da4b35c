import { ConnectError, type SourceOffset, type SourcePartition } from '@tributary/api';

/** The place of the next tick in a stream; the source offset of the tick before it. */
export interface Position {
  /** Since 1970. */
  readonly minute: number;
  /** The number of the tick in its minute, from 0. */
  readonly tick: number;
  /** How many ticks the stream has had. */
  readonly sequence: number;
  /** Ticks before this time are passed over. Microseconds since 1970. */
  readonly from?: number;
}

/** A stream's source partition. The number of streams belongs to it: with another number each stream has other symbols. */
export const partitionOf = (stream: number, streams: number): SourcePartition => ({ stream, streams });

const KEYS = ['seed', 'minute', 'tick', 'sequence'] as const;

function checkOffset(offset: SourceOffset): void {
  for (const key of KEYS) {
    const value = offset[key];
    if (!Number.isSafeInteger(value) || (key !== 'seed' && (value as number) < 0))
      throw new ConnectError(
        `The offset's '${key}' must be a whole number, not negative; it is ${JSON.stringify(value)}`,
      );
  }
}

/** Reads a stored offset. Null if there is none, or if it is of a market with another seed. @throws ConnectError if it is damaged */
export function positionOf(offset: SourceOffset | null, seed: number): Position | null {
  if (!offset) return null;
  checkOffset(offset);
  if (offset.seed !== seed) return null;
  return { minute: offset.minute as number, tick: offset.tick as number, sequence: offset.sequence as number };
}

/** Checks offsets that a user wants to set. @throws ConnectError for the first that is wrong */
export function alterOffsets(offsets: ReadonlyArray<readonly [SourcePartition, SourceOffset | null]>): boolean {
  for (const [partition, offset] of offsets) {
    if (!offset) continue; // a reset, which is fine even for partitions that make no sense
    const { stream, streams } = partition;
    if (!Number.isSafeInteger(stream) || !Number.isSafeInteger(streams))
      throw new ConnectError("Partition objects should contain the keys 'stream' and 'streams', both whole numbers");
    checkOffset(offset);
  }
  return true;
}
