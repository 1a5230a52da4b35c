export interface BackoffOptions {
  /** The first pause in milliseconds. */
  readonly firstMs: number;
  /** The longest. */
  readonly maxMs: number;
  /** Default: Math.random. */
  readonly random?: () => number;
}

/** Pauses that double from one failure to the next; each lasts between half and all of that, by chance. */
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
    return Math.round(full / 2 + (random() * full) / 2);
  }

  reset(): void {
    this.#attempts = 0;
  }
}
