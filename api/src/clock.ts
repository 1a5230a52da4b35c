/** The time, and waiting for it: what tests replace. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds, or when the signal aborts; never rejects. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Node's timers take no more. */
const LONGEST = 2 ** 31 - 1;

/** The machine's own time. A sleep ends after 24.8 days at the latest. */
export const systemClock: Clock = {
  now: Date.now,
  sleep: (milliseconds, signal) =>
    new Promise((done) => {
      if (signal.aborted) return done();
      const finish = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        done();
      };
      const timer = setTimeout(finish, Math.min(Math.max(0, milliseconds), LONGEST));
      signal.addEventListener('abort', finish, { once: true });
    }),
};
