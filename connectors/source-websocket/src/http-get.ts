import { type Agent, get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet, type RequestOptions } from 'node:https';
import { retryAfterMs } from '@tributary/api';

/** An answer whose status is not 200. */
export class StatusError extends Error {
  readonly status: number;
  /** What the server asks to wait in milliseconds; null if it does not say. */
  readonly retryAfterMs: number | null;

  constructor(url: string, status: number, retryAfterMs: number | null) {
    super(`${url} answered ${status}`);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** How requests go out. */
export interface GetOptions {
  readonly agent: Agent | null;
  /** For https. */
  readonly tls: RequestOptions;
  /** The longest time that an answer may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const MAX_BYTES = 64 * 1024 * 1024;

/** The body of a GET. @throws StatusError, or Error for what fails on the way */
export function getText(url: string, options: GetOptions): Promise<string> {
  const secure = new URL(url).protocol === 'https:';
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const headers = { accept: 'application/json', 'user-agent': 'tributary' };
  const shared = { headers, signal, ...(options.agent && { agent: options.agent }) };
  return new Promise((resolve, reject) => {
    const take = (response: IncomingMessage): void => void readBody(url, response).then(resolve, reject);
    const request = secure ? httpsGet(url, { ...options.tls, ...shared }, take) : httpGet(url, shared, take);
    request.on('error', reject);
  });
}

async function readBody(url: string, response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) {
    response.resume();
    throw new StatusError(url, response.statusCode ?? 0, retryAfterMs(response.headers['retry-after'], Date.now()));
  }
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_BYTES) throw new Error(`${url} answered with more than ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
