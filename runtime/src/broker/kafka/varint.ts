/** The zigzag varints inside record batches (KIP-98's message format 2). */

/** Bytes that the 32-bit value takes. */
export function varintSize(value: number): number {
  const zigzag = (value << 1) ^ (value >> 31);
  return zigzag === 0 ? 1 : ((38 - Math.clz32(zigzag)) / 7) | 0;
}

/** @returns the position after it */
export function writeVarint(buffer: Uint8Array, position: number, value: number): number {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  while (zigzag > 0x7f) {
    buffer[position++] = (zigzag & 0x7f) | 0x80;
    zigzag >>>= 7;
  }
  buffer[position++] = zigzag;
  return position;
}

const MAX_SMALL = 0x3fffffff;

/** Like `varintSize`, for safe integers. */
export function varlongSize(value: number): number {
  if (value >= -MAX_SMALL && value <= MAX_SMALL) return varintSize(value);
  let zigzag = value < 0 ? -2 * value - 1 : 2 * value;
  let size = 1;
  while (zigzag > 0x7f) {
    zigzag = Math.floor(zigzag / 128);
    size++;
  }
  return size;
}

/** Like `writeVarint`, for integers up to 2^52. */
export function writeVarlong(buffer: Uint8Array, position: number, value: number): number {
  if (value >= -MAX_SMALL && value <= MAX_SMALL) return writeVarint(buffer, position, value);
  let zigzag = value < 0 ? -2 * value - 1 : 2 * value;
  while (zigzag > 0x7f) {
    buffer[position++] = (zigzag % 128) | 0x80;
    zigzag = Math.floor(zigzag / 128);
  }
  buffer[position++] = zigzag;
  return position;
}
