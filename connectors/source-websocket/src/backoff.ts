export interface BackoffOptions {
  /** The first pause in milliseconds. */
  readonly firstMs: number;
  /** The longest. */
  readonly maxMs: number;
}

/** The pause before an attempt: it doubles with each that failed, and is shortened by up to half by chance. @param random of [0, 1) */
export function pauseMs({ firstMs, maxMs }: BackoffOptions, failures: number, random: number): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(Math.max(failures - 1, 0), 30));
  return Math.round(full * (0.5 + random / 2));
}
