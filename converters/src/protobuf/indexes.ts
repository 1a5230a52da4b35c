import type protobuf from 'protobufjs';

/** The place of a file's first message, which is written as a single byte. */
export const FIRST: readonly number[] = [0];

/** Writes the place of a message in its file: how many levels, and the number on each. */
export function writeIndexes(writer: protobuf.Writer, indexes: readonly number[]): void {
  if (indexes.length === 1 && indexes[0] === 0) {
    writer.sint32(0);
    return;
  }
  writer.sint32(indexes.length);
  for (const index of indexes) writer.sint32(index);
}

/** The reverse of {@link writeIndexes}. @throws RangeError where the data ends */
export function readIndexes(reader: protobuf.Reader): readonly number[] {
  const count = reader.sint32();
  if (count === 0) return FIRST;
  // Each takes a byte at least: a count beyond the data ends in an error before it takes memory.
  const indexes: number[] = [];
  for (let i = 0; i < count; i++) indexes.push(reader.sint32());
  return indexes;
}
