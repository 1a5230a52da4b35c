export interface BackoffOptions {
  /** The first pause in milliseconds. */
  readonly firstMs: number;
  /** The longest. */
  readonly maxMs: number;
  /** Default: Math.random. */
  readonly random?: () => number;
}

/** Pauses that double, each shortened by up to half by chance, so that tasks which failed together do not come back together. */
export class Backoff {
  readonly #options: BackoffOptions;
  #attempts = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** How often `next` was called since the last `reset`. */
  get attempts(): number {
    return this.#attempts;
  }

  /** @returns milliseconds */
  next(): number {
    const { firstMs, maxMs, random = Math.random } = this.#options;
    const full = Math.min(maxMs, firstMs * 2 ** Math.min(this.#attempts++, 30));
    return Math.round(full * (0.5 + random() / 2));
  }

  reset(): void {
    this.#attempts = 0;
  }
}
