import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@tributary/api';
import type { ClientConfig } from './config.ts';
import { type Endpoint, endpoints } from './credentials.ts';
import { errorOf, isPassing, type Request, unreachable } from './errors.ts';
import { type Answer, HttpTransport } from './http.ts';

/** The longest pause before the repetition number `attempt` (from 1). */
export function retryWait(attempt: number, first: number, maximum: number): number {
  return Math.min(first * 2 ** Math.min(attempt - 1, 30), maximum);
}

/** Requests that are repeated where that may help, at the next registry of the list where one cannot be reached. */
export class Requests {
  readonly #transport: HttpTransport;
  readonly #endpoints: readonly Endpoint[];
  readonly #retries: { readonly count: number; readonly first: number; readonly maximum: number };
  /** The one that answered last. */
  #current = 0;

  /** @throws ConfigError */
  constructor(config: ClientConfig) {
    this.#endpoints = endpoints(config);
    this.#transport = new HttpTransport(config);
    this.#retries = {
      count: config['max.retries'],
      first: config['retries.wait.ms'],
      maximum: config['retries.max.wait.ms'],
    };
  }

  get(what: string, path: string): Promise<Answer> {
    return this.#send(what, 'GET', path);
  }

  post(what: string, path: string, body: object): Promise<Answer> {
    return this.#send(what, 'POST', path, JSON.stringify(body));
  }

  /** The error for an answer of {@link get} or {@link post} that is no success. */
  refusal(what: string, answer: Answer): Error {
    return errorOf(this.#request(what), answer);
  }

  close(): void {
    this.#transport.close();
  }

  #request(what: string): Request {
    return { what, url: this.#endpoints[this.#current]!.url };
  }

  /** Resolves with an answer that another attempt would not change. @throws RetriableError */
  async #send(what: string, method: 'GET' | 'POST', path: string, body?: string): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#round(what, method, path, body);
      if (!(outcome instanceof Error)) return outcome;
      if (attempt > this.#retries.count || this.#transport.signal.aborted) throw outcome;
      const wait = retryWait(attempt, this.#retries.first, this.#retries.maximum);
      // With jitter, so that the tasks of a cluster do not all come back at once.
      await sleep(wait * (0.5 + Math.random() / 2), undefined, { signal: this.#transport.signal });
    }
  }

  /** Asks each registry in turn until one answers. */
  async #round(what: string, method: 'GET' | 'POST', path: string, body?: string): Promise<Answer | Error> {
    let last: Error | undefined;
    for (let tried = 0; tried < this.#endpoints.length; tried++) {
      try {
        const answer = await this.#transport.send(this.#endpoints[this.#current]!, method, path, body);
        if (!isPassing(answer.status)) return answer;
        last = errorOf(this.#request(what), answer);
      } catch (error) {
        const { signal } = this.#transport;
        last = unreachable(this.#request(what), error, messageOf(signal.aborted ? signal.reason : error));
      }
      if (this.#transport.signal.aborted) break;
      this.#current = (this.#current + 1) % this.#endpoints.length;
    }
    return last!;
  }
}
