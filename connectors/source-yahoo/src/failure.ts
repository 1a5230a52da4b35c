import { Backoff } from '@tributary/api';
import { HttpFault, isPassing } from '@tributary/http-kit';
import type { Feed } from './feed.ts';
import { yahooErrorOf } from './yahoo-client.ts';

/** After so many failures in a row it is the symbol and not the server that is in trouble. */
const PATIENCE = 5;

export type Failure =
  /** It may pass: to be tried again then. Milliseconds since 1970. */
  | { readonly kind: 'passing'; readonly due: number; readonly reason: string; readonly repeated: boolean }
  /** Yahoo has nothing for that time. */
  | { readonly kind: 'nothing' }
  /** Yahoo does not go back so far. */
  | { readonly kind: 'out-of-reach'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Tells the failures of a job's requests apart, and how long to wait after each. */
export class Failures {
  readonly #feed: Feed;
  readonly #backoff: Backoff;

  constructor(feed: Feed) {
    this.#feed = feed;
    const { 'retry.backoff.ms': firstMs, 'retry.backoff.max.ms': maxMs } = feed.config;
    this.#backoff = new Backoff({ firstMs, maxMs });
  }

  passed(): void {
    this.#backoff.reset();
    this.#feed.trouble.requestPassed();
  }

  /** @throws what is no fault of a request */
  classify(error: unknown): Failure {
    if (!(error instanceof HttpFault)) throw error;
    const said = yahooErrorOf(error);
    const reason = said ? `${said.description} (${said.code})` : error.message;
    if (error.status === 429) {
      // The rate limit says when.
      this.#feed.trouble.requestThrottled();
      return { kind: 'passing', due: this.#feed.clock.now(), reason, repeated: false };
    }
    // Sent to another page: consent is asked for again, and the crumb with it.
    const { status, location } = error;
    if (isPassing(error) || status === 401 || status === 403 || location) {
      const due = this.#feed.clock.now() + Math.max(this.#backoff.next(), error.retryAfterMs ?? 0);
      this.#feed.trouble.requestFailed(reason);
      const repeated = this.#backoff.attempts >= PATIENCE && !this.#feed.trouble.isOutage;
      return { kind: 'passing', due, reason, repeated };
    }
    if (said && /data doesn't exist|for this date range/i.test(said.description)) return { kind: 'nothing' };
    if (status === 422 || /must be within the last/i.test(reason)) return { kind: 'out-of-reach', reason };
    return { kind: 'refused', reason };
  }
}
