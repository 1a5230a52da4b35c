import { Random } from '@tributary/services';

/** A seeded source of chance: the same seed gives the same cases on every machine. */
export interface Dice {
  /** A number from 0 on and below 1. */
  next(): number;
  /** A whole number from 0 on and below the limit. */
  below(limit: number): number;
  /** True once in so many times. */
  oneIn(times: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** So many items, each of them by chance. */
  several<T>(count: number, make: (i: number) => T): T[];
  /** Some of the items, in another order. */
  some<T>(items: readonly T[], most: number): T[];
  /** A signed integer of up to so many bits, of any size with the same chance. */
  integer(bits: number): bigint;
}

/** @param seed any whole number (mulberry32 underneath) */
export function dice(seed: number): Dice {
  const random = new Random(seed);
  const next = (): number => random.next();
  const below = (limit: number): number => random.below(limit);
  return {
    next,
    below,
    oneIn: (times) => below(times) === 0,
    pick: (items) => random.pick(items),
    several: (count, make) => Array.from({ length: count }, (_, i) => make(i)),
    some(items, most) {
      const rest = [...items];
      return Array.from(
        { length: Math.min(below(most + 1), rest.length) },
        () => rest.splice(below(rest.length), 1)[0]!,
      );
    },
    integer(bits) {
      let value = 0n;
      const size = 1 + below(bits);
      for (let i = 0; i < size; i += 32) value = (value << 32n) | BigInt(Math.floor(next() * 2 ** 32));
      return BigInt.asIntN(size, value);
    },
  };
}
