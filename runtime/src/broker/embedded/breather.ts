const STRETCH_MS = 2;

/** Keeps synchronous work short: callers ask between two steps whether the event loop is due. */
export class Breather {
  #last = performance.now();

  get due(): boolean {
    return performance.now() - this.#last > STRETCH_MS;
  }

  /** Gives the event loop a turn. */
  async rest(): Promise<void> {
    await new Promise(setImmediate);
    this.#last = performance.now();
  }
}
