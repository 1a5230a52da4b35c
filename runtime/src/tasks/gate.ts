/** Lets a loop through while it is open, and holds it while it is closed. */
export class Gate {
  #blocked: PromiseWithResolvers<void> | undefined;

  constructor(closed: boolean) {
    if (closed) this.close();
  }

  get closed(): boolean {
    return this.#blocked !== undefined;
  }

  /** @returns whether it was open before */
  close(): boolean {
    if (this.#blocked) return false;
    this.#blocked = Promise.withResolvers();
    return true;
  }

  /** @returns whether it was closed before */
  open(): boolean {
    if (!this.#blocked) return false;
    this.#blocked.resolve();
    this.#blocked = undefined;
    return true;
  }

  /** Resolves when the gate is open. */
  async passed(): Promise<void> {
    while (this.#blocked) await this.#blocked.promise;
  }
}
