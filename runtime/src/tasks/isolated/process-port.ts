import type { BrokerPort } from '../../broker/remote/protocol.ts';

type Listener = (message?: unknown) => void;

/** An end of the way to a broker that shares the pipe between two processes with other messages. */
export class ProcessPort implements BrokerPort {
  readonly #send: (message: unknown) => void;
  readonly #listeners: Record<'message' | 'close', Listener[]> = { message: [], close: [] };
  /** What came before anybody listened. */
  #early: unknown[] = [];
  #closed = false;

  constructor(send: (message: unknown) => void) {
    this.#send = send;
  }

  postMessage(message: unknown): void {
    if (!this.#closed) this.#send(message);
  }

  on(event: 'message' | 'close', listener: Listener): void {
    this.#listeners[event].push(listener);
    if (event !== 'message') return;
    const early = this.#early;
    this.#early = [];
    queueMicrotask(() => {
      for (const message of early) this.receive(message);
    });
  }

  /** For what has come from the other end. */
  receive(message: unknown): void {
    if (this.#closed) return;
    if (this.#listeners.message.length === 0) this.#early.push(message);
    for (const listener of this.#listeners.message) listener(message);
  }

  /** Also for when the other process is gone. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of this.#listeners.close) listener();
  }

  /** The pipe is another's, who decides whether it keeps the process up. */
  unref(): void {}
}
