import { BrokerUnavailableError } from '../errors.ts';
import { fromPlain, toPlain } from './errors.ts';
import type { BrokerPort, ConsumerState, ToClient, ToServer } from './protocol.ts';

interface Call {
  readonly answered: PromiseWithResolvers<unknown>;
  readonly setState: ((state: ConsumerState) => void) | null;
}

/** What hears of events on the other side. */
export interface Listening {
  setState?(state: ConsumerState): void;
  callback?(event: ToClient & { readonly type: 'callback' }): void | Promise<void>;
  records?(runs: readonly unknown[]): void;
  failed?(error: Error): void;
}

/** The client's end of a port: calls with answers, and events for the objects that it has made. */
export class Connection {
  readonly #port: BrokerPort;
  readonly #calls = new Map<number, Call>();
  readonly #objects = new Map<number, Listening>();
  readonly #hello = Promise.withResolvers<{ clusterId: string; atomicSends: boolean }>();
  #nextCall = 1;
  #nextObject = 1;
  #closed = false;

  constructor(port: BrokerPort) {
    this.#port = port;
    this.#hello.promise.catch(() => {});
    port.on('message', (message) => this.#receive(message as ToClient));
    port.on('close', () => this.#end());
  }

  hello(): Promise<{ clusterId: string; atomicSends: boolean }> {
    return this.#hello.promise;
  }

  /** A number for an object to be made. */
  add(listening: Listening): number {
    const object = this.#nextObject++;
    this.#objects.set(object, listening);
    return object;
  }

  remove(object: number): void {
    this.#objects.delete(object);
  }

  async call(
    object: number,
    method: string,
    args: readonly unknown[],
    { transfer = [], signal }: { readonly transfer?: ArrayBuffer[]; readonly signal?: AbortSignal } = {},
  ): Promise<unknown> {
    if (this.#closed) throw gone();
    const id = this.#nextCall++;
    const answered = Promise.withResolvers<unknown>();
    const listening = this.#objects.get(object);
    this.#calls.set(id, {
      answered,
      setState: listening?.setState ? (state) => listening.setState!(state) : null,
    });
    this.#port.postMessage({ type: 'call', id, object, method, args } satisfies ToServer, transfer);
    const abort = (): void => this.#post({ type: 'abort', id });
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await answered.promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  close(): void {
    this.#port.close();
    this.#end();
  }

  #receive(message: ToClient): void {
    switch (message.type) {
      case 'hello':
        this.#hello.resolve(message);
        break;
      case 'records':
        this.#objects.get(message.object)?.records?.(message.runs);
        break;
      case 'failed':
        this.#objects.get(message.object)?.failed?.(fromPlain(message.error));
        break;
      case 'callback':
        void this.#callback(message);
        break;
      default: {
        const call = this.#calls.get(message.id);
        this.#calls.delete(message.id);
        if (message.state) call?.setState?.(message.state);
        if (message.type === 'result') call?.answered.resolve(message.value);
        else call?.answered.reject(fromPlain(message.error));
      }
    }
  }

  async #callback(event: ToClient & { type: 'callback' }): Promise<void> {
    const { id, object, state } = event;
    const listening = this.#objects.get(object);
    try {
      listening?.setState?.(state);
      await listening?.callback?.(event);
      this.#post({ type: 'answer', id, error: null });
    } catch (error) {
      this.#post({ type: 'answer', id, error: toPlain(error) });
    }
  }

  #post(message: ToServer): void {
    if (!this.#closed) this.#port.postMessage(message);
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#hello.reject(gone());
    for (const { answered } of this.#calls.values()) answered.reject(gone());
    this.#calls.clear();
    for (const listening of [...this.#objects.values()]) listening.failed?.(gone());
    this.#objects.clear();
  }
}

const gone = (): BrokerUnavailableError =>
  new BrokerUnavailableError('The thread that has the broker open no longer answers');
