import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@tributary/api';

/** A clock that stands still but for sleeping and `advance`. */
export class ManualClock implements Clock {
  /** How long was slept, in order. */
  readonly sleeps: number[] = [];
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.sleeps.push(milliseconds);
    this.#now += milliseconds;
    await setImmediate();
  }
}
