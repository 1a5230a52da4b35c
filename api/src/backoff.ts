export interface BackoffLimits {
  /** The first pause in milliseconds. */
  readonly firstMs: number;
  /** The longest. */
  readonly maxMs: number;
}

export interface BackoffOptions extends BackoffLimits {
  /** Of [0, 1). Default: Math.random. */
  readonly random?: () => number;
}

/**
 * The pause after so many failures in a row (from 1 on), in milliseconds: it doubles with each, and up to half of it is taken off by
 * chance, so that tasks which failed together do not come back together. @param random of [0, 1)
 */
export function backoffMs({ firstMs, maxMs }: BackoffLimits, failures: number, random: number): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(Math.max(failures - 1, 0), 30));
  return Math.round(full * (0.5 + random / 2));
}

/** Pauses between attempts, which grow by {@link backoffMs}. */
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
    const { random = Math.random } = this.#options;
    return backoffMs(this.#options, ++this.#attempts, random());
  }

  reset(): void {
    this.#attempts = 0;
  }
}
