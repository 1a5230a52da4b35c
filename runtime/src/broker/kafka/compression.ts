import { BrokerError } from '../errors.ts';
import { compressionsAlgorithmsByBitmask } from './library.ts';

export const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

interface Algorithm {
  readonly available: boolean;
  compressSync(data: Buffer): Buffer;
  decompressSync(data: Buffer): Buffer;
}

/** The algorithm's bits in a batch's attributes. */
export function compressionBits(compression: Compression): number {
  return COMPRESSIONS.indexOf(compression);
}

function algorithm(bits: number): Algorithm {
  const found = (compressionsAlgorithmsByBitmask as Readonly<Record<number, Algorithm | undefined>>)[bits];
  if (!found?.available)
    throw new BrokerError(
      `Records are compressed in a way (${COMPRESSIONS[bits] ?? bits}) that this Node.js cannot read or write`,
      {
        code: 'UNSUPPORTED_COMPRESSION_TYPE',
      },
    );
  return found;
}

export function compress(bits: number, data: Buffer): Buffer {
  return algorithm(bits).compressSync(data);
}

export function decompress(bits: number, data: Buffer): Buffer {
  return algorithm(bits).decompressSync(data);
}
