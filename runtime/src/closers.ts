import { type Logger, messageOf } from '@tributary/api';

/** Closes parts in the reverse of the order they were opened; what fails is logged and does not keep the others open. */
export class Closers {
  readonly #log: Logger;
  readonly #all: Array<() => Promise<unknown>> = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  add(close: () => Promise<unknown>): void {
    this.#all.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.#all.splice(0).reverse()) {
      await close().catch((error: unknown) => this.#log.debug(`While closing: ${messageOf(error)}`));
    }
  }
}
