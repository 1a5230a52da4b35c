import { BrokerUnavailableError } from '../errors.ts';
import { TransientFault } from './faults.ts';

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Doubles from `firstMs` to `maxMs`, spread by a fifth so that clients do not return in step. */
export function backoffDelay({ firstMs, maxMs }: Backoff, attempt: number, random: () => number = Math.random): number {
  const delay = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return delay * (0.8 + 0.4 * random());
}

/** Resolves after `ms`, or as soon as `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** Gives the event loop to others. */
export function yieldToLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export interface RetryOptions {
  /** Reads like "Creating topic orders"; the start of the error message. */
  readonly doing: string;
  readonly backoff: Backoff;
  /** Milliseconds; `Infinity` for no end. */
  readonly timeoutMs: number;
  /** Ends the attempts between two of them. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls `attempt` until it does something else than throw a `TransientFault`.
 * @throws BrokerUnavailableError when the time is up or `signal` aborts
 */
export async function retrying<T>(
  { doing, backoff, timeoutMs, signal }: RetryOptions,
  attempt: (number: number) => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (let number = 0; ; number++) {
    try {
      return await attempt(number);
    } catch (error) {
      if (!(error instanceof TransientFault)) throw error;
      const delay = error.delayMs ?? backoffDelay(backoff, number);
      const remaining = deadline - performance.now();
      if (signal?.aborted) throw new BrokerUnavailableError(`${doing} was ended: ${error.message}`, { cause: error });
      if (remaining <= delay)
        throw new BrokerUnavailableError(`${doing} failed within ${timeoutMs} ms: ${error.message}`, { cause: error });
      await pause(delay, signal);
    }
  }
}
