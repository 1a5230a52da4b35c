import { combine, gaussian, hash } from './random.ts';

/**
 * A random walk (Brownian motion, variance 1 a minute) that can be entered anywhere. Time is divided into epochs; the walk's value
 * at the beginning of each epoch is drawn independently, with half of an epoch's variance, so that it never strays far from 0.
 * Within an epoch the walk is filled in by halving: the middle of a span is the mean of its ends and a draw of a quarter of
 * the span's variance (a Brownian bridge). So a minute costs as many draws as an epoch can be halved, and neighbours agree on the
 * value between them.
 */

/** Minutes in an epoch, about eleven days. */
export const EPOCH = 2 ** 14;
/** Steps in a minute. Between them the walk is a straight line. */
export const STEPS = 64;

const ANCHOR = 0x0a17c0e5;
const BRIDGE = 0x0b51d9e3;
const WITHIN = 0x0c3f2a77;

/** The walk's value at the beginning of a minute (counted from 1970). */
export function walkAt(key: number, minute: number): number {
  const epoch = Math.floor(minute / EPOCH);
  const position = minute - epoch * EPOCH;
  let left = anchor(key, epoch);
  if (position === 0) return left;
  let right = anchor(key, epoch + 1);
  const own = combine(combine(key, BRIDGE), hash(epoch));
  let low = 0;
  let high = EPOCH;
  for (;;) {
    const middle = (low + high) / 2;
    const value = (left + right) / 2 + gaussian(combine(own, middle)) * Math.sqrt((high - low) / 4);
    if (middle === position) return value;
    if (position < middle) {
      high = middle;
      right = value;
    } else {
      low = middle;
      left = value;
    }
  }
}

function anchor(key: number, epoch: number): number {
  return gaussian(combine(combine(key, ANCHOR), hash(epoch))) * Math.sqrt(EPOCH / 2);
}

/** Writes the walk's values of a minute: STEPS + 1 of them, both ends included. */
export function walkWithin(key: number, minute: number, into: Float64Array): void {
  into[0] = walkAt(key, minute);
  into[STEPS] = walkAt(key, minute + 1);
  const own = combine(combine(key, WITHIN), hash(minute));
  for (let span = STEPS; span > 1; span /= 2) {
    const deviation = Math.sqrt(span / STEPS / 4);
    const half = span / 2;
    for (let middle = half; middle < STEPS; middle += span)
      into[middle] = (into[middle - half]! + into[middle + half]!) / 2 + gaussian(combine(own, middle)) * deviation;
  }
}
