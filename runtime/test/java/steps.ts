import type { Request, Settled } from './pair.ts';

/** One request to both workers. */
export interface Step {
  readonly send: Request;
  /** What both show once the work that follows is done. Reads are repeated until both answer the same. */
  readonly until?: readonly Settled[];
  /** Where Java is plainly bad: both statuses are asserted, and what our message says. */
  readonly differs?: { readonly java: number; readonly ours: number; readonly message: RegExp; readonly why: string };
}

export type Group = readonly [what: string, steps: readonly Step[]];

/** A read, or a request that changes nothing. */
export const ask = (...send: Request): Step => ({ send });

/** A request that changes something, and what both then show. */
export const change = (send: Request, ...until: readonly Settled[]): Step => ({ send, until });

/** A request that Java answers worse. */
export const better = (send: Request, java: number, ours: number, message: RegExp, why: string): Step => ({
  send,
  differs: { java, ours, message, why },
});
