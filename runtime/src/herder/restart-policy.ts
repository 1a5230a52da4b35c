/** How something that failed is started again. */
export interface RestartPolicy {
  /** The pause before the first attempt, in milliseconds; it doubles from attempt to attempt. */
  readonly backoffMs: number;
  /** The longest pause, in milliseconds; also how long something must have run to count as recovered. */
  readonly backoffMaxMs: number;
  /** -1: no limit. */
  readonly maxAttempts: number;
}

/** What is known of something that has just failed. */
export interface Failure {
  /** How often it was started again since it last ran well. */
  readonly attempts: number;
  /** How long it ran before it failed, in milliseconds. */
  readonly ranMs: number;
}

/** The next attempt, counted from 1, and the pause before it. */
export interface Restart {
  readonly attempt: number;
  readonly delayMs: number;
}

/** The share of a pause by which it is longer or shorter by chance, so that tasks that failed together do not come back together. */
const JITTER = 0.2;

/**
 * Whether and when to start again what has failed.
 * @param chance from 0 to 1
 * @returns null: it stays failed
 */
export function restartAfter(policy: RestartPolicy, { attempts, ranMs }: Failure, chance: number): Restart | null {
  const before = ranMs >= policy.backoffMaxMs ? 0 : attempts;
  if (policy.maxAttempts >= 0 && before >= policy.maxAttempts) return null;
  const pause = Math.min(policy.backoffMs * 2 ** before, policy.backoffMaxMs);
  const delayMs = Math.min(pause * (1 - JITTER + 2 * JITTER * chance), policy.backoffMaxMs);
  return { attempt: before + 1, delayMs: Math.round(delayMs) };
}
