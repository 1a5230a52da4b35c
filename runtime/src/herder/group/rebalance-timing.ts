/** How long rebalances take, in milliseconds. */
export class RebalanceTiming {
  #began: number | null = null;
  #endedAt: number | null = null;
  #completed = 0;
  #totalMs = 0;
  #maxMs = 0;

  /** The worker sets out for one; nothing happens if it is on its way already. */
  begin(): void {
    this.#began ??= performance.now();
  }

  /** It has its assignment. */
  complete(): void {
    const now = performance.now();
    const tookMs = now - (this.#began ?? now);
    this.#began = null;
    this.#endedAt = now;
    this.#completed += 1;
    this.#totalMs += tookMs;
    this.#maxMs = Math.max(this.#maxMs, tookMs);
  }

  report(): { completed: number; totalMs: number; maxMs: number; sinceLastMs: number | null } {
    return {
      completed: this.#completed,
      totalMs: this.#totalMs,
      maxMs: this.#maxMs,
      sinceLastMs: this.#endedAt === null ? null : performance.now() - this.#endedAt,
    };
  }
}
