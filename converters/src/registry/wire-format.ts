import { DataError } from '@tributary/api';

/** The first byte of what Confluent's serialisers write. */
const MAGIC = 0;
/** The magic byte and the schema's id, 4 bytes, big-endian. */
export const PREFIX_LENGTH = 5;

/** The id of the schema that the bytes were written with. @throws DataError if they do not begin as Confluent's serialisers write */
export function schemaIdOf(bytes: Uint8Array): number {
  if (bytes.length < PREFIX_LENGTH || bytes[0] !== MAGIC) {
    throw new DataError(
      'The data does not begin with a zero byte and the id of a schema (4 bytes), so it was not written with a schema registry. ' +
        'Use the converter it was written with, such as org.apache.kafka.connect.json.JsonConverter. [Unknown magic byte!]',
    );
  }
  return ((bytes[1]! << 24) | (bytes[2]! << 16) | (bytes[3]! << 8) | bytes[4]!) >>> 0;
}

/** Writes magic byte and id at the beginning of the target. */
export function writePrefix(target: Uint8Array, id: number): void {
  target[0] = MAGIC;
  target[1] = id >>> 24;
  target[2] = id >>> 16;
  target[3] = id >>> 8;
  target[4] = id;
}
