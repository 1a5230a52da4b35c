import type { Request, Settled } from './pair.ts';

/** One request to both workers. */
export interface Step {
  readonly send: Request;
  /** What both show once the work that follows is done. Reads are repeated until both answer the same. */
  readonly until?: readonly Settled[];
  /** Where we differ on purpose: what each answers, as patterns, and why. */
  readonly differs?: { readonly java: object; readonly ours: object; readonly why: string };
}

export type Group = readonly [what: string, steps: readonly Step[]];

/** A read, or a request that changes nothing. */
export const ask = (...send: Request): Step => ({ send });

/** A request that changes something, and what both then show. */
export const change = (send: Request, ...until: readonly Settled[]): Step => ({ send, until });

/** A request that we answer in another way than Java. */
export const differs = (send: Request, java: object, ours: object, why: string): Step => ({
  send,
  differs: { java, ours, why },
});

/** A mistake of the caller that Java takes for one of the server. */
export const better = (send: Request, message: RegExp): Step =>
  differs(
    send,
    { status: 500, body: { error_code: 500, message: String } },
    { status: 400, body: { error_code: 400, message } },
    'a mistake of the caller is not an error of the server',
  );
