/**
 * Randomness without state: every number is a hash of what it is for, so that any moment of the market can be computed
 * without those before it. All numbers are unsigned 32-bit integers unless said otherwise.
 */

/** Spreads the bits of a number: each bit of the input changes half of the output's. */
export function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** One hash of two numbers; the order matters. */
export function combine(a: number, b: number): number {
  return mix((Math.imul(a, 0x9e3779b1) ^ mix(b + 0x7f4a7c15)) >>> 0);
}

/** A hash of an integer of up to 53 bits or of a text. */
export function hash(value: number | string): number {
  if (typeof value === 'number') return combine(Math.floor(value / 2 ** 32) >>> 0, value >>> 0);
  let result = mix(value.length);
  for (let i = 0; i < value.length; i++) result = combine(result, value.charCodeAt(i));
  return result;
}

/** A hash as a real number of [0, 1). */
export const uniform = (bits: number): number => bits * 2 ** -32;

/** A hash as a number of the normal distribution with mean 0 and variance 1 (Box and Muller). */
export function gaussian(bits: number): number {
  const radius = Math.sqrt(-2 * Math.log((bits + 0.5) * 2 ** -32));
  return radius * Math.cos(2 * Math.PI * uniform(mix(bits ^ 0x5bd1e995)));
}
