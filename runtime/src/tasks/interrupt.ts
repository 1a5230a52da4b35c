/** Thrown out of a wait when the task is to stop. */
export const STOPPED = Symbol('stopped');

/**
 * Ends the wait of a task's loop from outside: because the task is to stop, or because something beside the loop failed. The loop
 * waits for one thing at a time. (Promise.race with long-lived promises would keep something of every wait until the task ends.)
 */
export class Interrupt {
  readonly #stopping = new AbortController();
  #failure: { readonly error: unknown } | undefined;
  #waiter: ((error: unknown) => void) | undefined;

  /** Aborts when the task is to stop, or failed. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  stop(): void {
    this.#stopping.abort();
    this.#waiter?.(STOPPED);
  }

  /** The first failure counts. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#waiter?.(this.#failure.error);
  }

  /** @throws what interrupted */
  check(): void {
    if (this.#failure) throw this.#failure.error;
    if (this.signal.aborted) throw STOPPED;
  }

  /** Waits for a promise, or for the interruption. @throws what interrupted, or what the promise throws */
  async wait<T>(promise: PromiseLike<T>): Promise<T> {
    this.check();
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#waiter = reject;
        promise.then(resolve, reject);
      });
    } finally {
      this.#waiter = undefined;
    }
  }
}
