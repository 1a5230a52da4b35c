import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Clock } from '@tributary/api';
import type { Test } from 'tap';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

const STARTS = 'undici:request:create';
const ENDS = ['undici:request:trailers', 'undici:request:error'];
/** So many looks in a row must find nothing under way before time goes on. */
const QUIET = 4;

/** A clock that jumps to where somebody waits for, once no request is under way. */
export class VirtualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();
  readonly #requests = new Set<unknown>();
  readonly #timer: NodeJS.Timeout;
  #quiet = 0;

  constructor(t: Test, now: number) {
    this.#now = now;
    const begun = (message: unknown): void => {
      this.#requests.add((message as { request: unknown }).request);
    };
    const ended = (message: unknown): void => {
      this.#requests.delete((message as { request: unknown }).request);
      this.#quiet = 0;
    };
    subscribe(STARTS, begun);
    for (const channel of ENDS) subscribe(channel, ended);
    this.#timer = setInterval(() => this.#look(), 1);
    t.teardown(() => {
      clearInterval(this.#timer);
      unsubscribe(STARTS, begun);
      for (const channel of ENDS) unsubscribe(channel, ended);
    });
  }

  now(): number {
    return this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((done) => {
      if (signal.aborted) return done();
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        signal.removeEventListener('abort', wake);
        done();
      };
      const sleeper = { until: this.#now + milliseconds, wake };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  #look(): void {
    this.#quiet = this.#requests.size === 0 && this.#sleepers.size > 0 ? this.#quiet + 1 : 0;
    if (this.#quiet < QUIET) return;
    this.#quiet = 0;
    this.#now = Math.max(this.#now, Math.min(...[...this.#sleepers].map(({ until }) => until)));
    for (const sleeper of this.#sleepers) if (sleeper.until <= this.#now) sleeper.wake();
  }
}
