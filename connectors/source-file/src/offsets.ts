import { ConnectError, isInt64, type SourceOffset, type SourceOffsets, type SourcePartition } from '@tributary/api';

/** Offsets have the shape of Kafka's file source, so that either goes on where the other stopped. */
export const partitionOf = (file: string): SourcePartition => ({ filename: file });

/** The byte at which to resume; 0 without a stored offset. @throws ConnectError if the stored one is not a position */
export async function storedPosition(file: string, offsets: SourceOffsets): Promise<number> {
  const position = (await offsets.get(partitionOf(file)))?.position ?? 0;
  if (!isInt64(position) || position < 0)
    throw new ConnectError(
      `The stored offset of file '${file}' has the position ${String(position)}, which is no number of bytes`,
    );
  return Number(position);
}

/** Checks offsets that a user wants to set, with the messages of Kafka's file source. @throws ConnectError for the first that is wrong */
export function alterOffsets(
  file: string | null,
  offsets: ReadonlyArray<readonly [SourcePartition | null, SourceOffset | null]>,
): boolean {
  if (!file) {
    throw new ConnectError(
      "Offsets cannot be modified if the 'file' configuration is unspecified. This is because stdin is used for input and offsets are not tracked.",
    );
  }
  for (const [partition, offset] of offsets) {
    if (!offset) continue; // a reset, which is fine even for partitions that make no sense
    if (!Object.hasOwn(offset, 'position'))
      throw new ConnectError("Offset objects should either be null or contain the key 'position'");
    if (!isInt64(offset.position))
      throw new ConnectError("The value for the 'position' key in the offset is expected to be a Long value");
    if (offset.position < 0)
      throw new ConnectError("The value for the 'position' key in the offset should be a non-negative value");
    if (!partition) throw new ConnectError('Partition objects cannot be null');
    if (!Object.hasOwn(partition, 'filename'))
      throw new ConnectError("Partition objects should contain the key 'filename'");
  }
  return true;
}
