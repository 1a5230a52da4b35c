import { Random } from '@tributary/services';

/** Choices by chance that are the same for the same seed. */
export interface Chance {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** True in so many of 100 cases. */
  percent(likelihood: number): boolean;
  pick<T>(from: readonly T[]): T;
}

export function chance(seed: number): Chance {
  const random = new Random(seed);
  return {
    below: (limit) => random.below(limit),
    percent: (likelihood) => random.below(100) < likelihood,
    pick: (from) => random.pick(from),
  };
}
