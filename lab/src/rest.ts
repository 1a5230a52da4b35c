import { setTimeout as sleep } from 'node:timers/promises';
import type { LabWorker } from './lab-worker.ts';

const ATTEMPT_TIMEOUT_MS = 20_000;
const RETRY_MS = 250;

// biome-ignore lint/suspicious/noExplicitAny: each caller knows the shape of what it asks for
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly json: Json;
}

/** Asks one worker once. @throws Error if it does not answer in time */
export async function ask(
  worker: LabWorker,
  method: string,
  path: string,
  body?: unknown,
  timeoutMs = ATTEMPT_TIMEOUT_MS,
): Promise<Answer> {
  const response = await fetch(worker.url + path, {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
  return { status: response.status, json: isJson ? JSON.parse(text) : text };
}

/** Asks the workers as a client does that wants its request carried out: any worker, and again while they cannot. */
export class Rest {
  readonly #workers: readonly LabWorker[];
  /** Answers that were not what was asked for, by status. */
  readonly refusals = new Map<string, number>();

  constructor(workers: readonly LabWorker[]) {
    this.#workers = workers;
  }

  /**
   * Retries what is refused for a while (409, 5xx, no answer).
   * @throws Error with the last answer after `timeoutMs`
   */
  async call(method: string, path: string, body?: unknown, timeoutMs = 180_000): Promise<Answer> {
    const deadline = Date.now() + timeoutMs;
    for (let last = 'no worker is up'; ; ) {
      const awake = this.#workers.filter((worker) => worker.awake);
      const worker = awake[Math.floor(Math.random() * awake.length)];
      if (worker) {
        try {
          const answer = await ask(worker, method, path, body);
          if (answer.status !== 409 && answer.status < 500) return answer;
          last = `${answer.status} ${JSON.stringify(answer.json)}`;
          this.#count(String(answer.status));
        } catch (error) {
          last = String(error);
          this.#count('no answer');
        }
      }
      if (Date.now() > deadline) throw new Error(`${method} ${path} failed for ${timeoutMs / 1000} s: ${last}`);
      await sleep(RETRY_MS);
    }
  }

  /** As `call`; an answer over 299 is an error too. */
  async must(method: string, path: string, body?: unknown): Promise<Json> {
    const { status, json } = await this.call(method, path, body);
    if (status > 299) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json)}`);
    return json;
  }

  #count(what: string): void {
    this.refusals.set(what, (this.refusals.get(what) ?? 0) + 1);
  }
}
