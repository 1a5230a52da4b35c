/** Something happened that someone may wait for. */
export class Signal {
  #isSet = false;
  #resolve: (() => void) | null = null;

  set(): void {
    this.#isSet = true;
    this.#resolve?.();
  }

  clear(): void {
    this.#isSet = false;
  }

  /** Resolves when set, when time is up, or when `abort` is aborted. For one caller at a time. */
  async wait(timeoutMs: number, abort?: AbortSignal): Promise<void> {
    if (this.#isSet || abort?.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = (): void => resolve();
    this.#resolve = done;
    const timer = Number.isFinite(timeoutMs) ? setTimeout(done, Math.min(timeoutMs, 2 ** 31 - 1)) : undefined;
    abort?.addEventListener('abort', done, { once: true });
    await promise;
    clearTimeout(timer);
    abort?.removeEventListener('abort', done);
    this.#resolve = null;
  }
}
