import { ConnectError } from '@tributary/api';

/** Why a request brought nothing: no connection, no answer in time, too long an answer, a status of failure, or an answer that makes no sense. */
export type HttpFaultReason = 'network' | 'timeout' | 'too-large' | 'status' | 'malformed';

export interface HttpFaultOptions extends ErrorOptions {
  readonly reason: HttpFaultReason;
  /** With `reason: 'status'`. */
  readonly status?: number;
  /** How long the server asks to be left alone. Milliseconds; null if it does not say. */
  readonly retryAfterMs?: number | null;
  /** What the server said beside the status. */
  readonly body?: string;
  /** Where the server sent the request, if it was not followed there. */
  readonly location?: URL | null;
}

/** A request that failed. The message names the URL without its query, since keys travel there. */
export class HttpFault extends ConnectError {
  static override readonly kind: string = 'HttpFault';
  readonly reason: HttpFaultReason;
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  readonly #body: string;
  readonly #location: URL | null;

  constructor(message: string, { reason, status, retryAfterMs, body, location, ...options }: HttpFaultOptions) {
    super(message, options);
    this.reason = reason;
    this.status = status ?? null;
    this.retryAfterMs = retryAfterMs ?? null;
    this.#body = body ?? '';
    this.#location = location ?? null;
  }

  /** Where the server sent the request, if it was not followed there; a getter, since keys travel in URLs. */
  get location(): URL | null {
    return this.#location;
  }

  /** What the server said. Not to be shown as it is, since it may hold anything; a getter, so that logs do not. */
  get body(): string {
    return this.#body;
  }
}

/** Statuses after which the same request may succeed later. */
const PASSING = new Set([408, 425, 429]);

/** Whether the same request may succeed later. */
export function isPassing(fault: HttpFault): boolean {
  if (fault.reason === 'too-large') return false;
  return fault.reason !== 'status' || PASSING.has(fault.status!) || fault.status! >= 500;
}
