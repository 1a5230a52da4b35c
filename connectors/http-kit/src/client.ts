import type { SecureContextOptions } from 'node:tls';
import { messageOf, type PluginMetrics } from '@tributary/api';
import { type Dispatcher, fetch, type Headers } from 'undici';
import { dispatcherOf, type ProxySettings } from './dispatcher.ts';
import { HttpFault } from './fault.ts';
import { retryAfter } from './retry-after.ts';

export interface HttpClientOptions {
  readonly proxy: ProxySettings;
  readonly tls: SecureContextOptions;
  /** How long a request may take, its answer included. Milliseconds. */
  readonly timeoutMs: number;
  /** The longest answer that is read. Bytes, unpacked. */
  readonly maxBytes: number;
  /** The key that sets `maxBytes`, for the message about an answer that is longer. */
  readonly maxBytesKey?: string;
  readonly metrics?: PluginMetrics | undefined;
}

export interface HttpRequest {
  readonly method?: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | null;
  /** Whether a status is no fault. Default: those of 2xx. Redirects are followed unless they are accepted. */
  readonly accept?: (status: number) => boolean;
  /** Whether redirects are followed, on the same server. Default: true. */
  readonly follow?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const REDIRECTS = 5;
const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** Sends requests over connections that it keeps, and reads answers whole. `destroy` at the end. */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #dispatcher: Dispatcher;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#dispatcher = dispatcherOf(options.proxy, options.tls, options.timeoutMs);
  }

  /**
   * @throws HttpFault if there is no answer, or none with a status that is accepted
   * @throws the signal's reason once it aborts
   */
  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const { metrics, timeoutMs } = this.#options;
    const from = performance.now();
    const where = `${request.method ?? 'GET'} ${request.url.origin}${request.url.pathname}`;
    const abort = new AbortController();
    const stop = (): void => abort.abort(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener('abort', stop, { once: true });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      abort.abort();
    }, timeoutMs);
    try {
      return await this.#exchange(request, where, abort.signal);
    } catch (error) {
      signal.throwIfAborted();
      metrics?.counter('requests-failed-total', 'Requests that brought no answer that could be used.').add();
      if (error instanceof HttpFault) throw error;
      if (late)
        throw new HttpFault(`${where} was not answered within ${timeoutMs} ms`, { reason: 'timeout', cause: error });
      throw new HttpFault(`${where} failed: ${rootOf(error)}`, { reason: 'network', cause: error });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      metrics?.counter('requests-total', 'Requests that were sent.').add();
      metrics
        ?.summary('request-time-ms', 'Milliseconds from a request to the end of its answer.')
        .observe(performance.now() - from);
    }
  }

  async destroy(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  async #exchange(request: HttpRequest, where: string, signal: AbortSignal): Promise<HttpResponse> {
    const { method = 'GET', headers = {}, body = null, accept = isSuccess, follow = true } = request;
    let url = request.url;
    for (let hop = 0; ; hop++) {
      const response = await fetch(url, {
        method,
        headers,
        body,
        signal,
        redirect: 'manual',
        dispatcher: this.#dispatcher,
      });
      const text = await this.#read(response.body, where);
      const { status } = response;
      if (accept(status)) return { status, headers: response.headers, text };
      const next = redirectOf(status, response.headers.get('location'), url);
      if (!next || !follow || hop === REDIRECTS || next.origin !== url.origin || body !== null)
        throw new HttpFault(
          next
            ? `${where} is redirected to ${next.origin}${next.pathname}, which is not followed; use that URL if it can be trusted`
            : `${where} was answered with status ${status}`,
          {
            reason: 'status',
            status,
            retryAfterMs: retryAfter(response.headers.get('retry-after'), Date.now()),
            body: text,
            location: next,
          },
        );
      url = next;
    }
  }

  async #read(body: AsyncIterable<Uint8Array> | null, where: string): Promise<string> {
    if (!body) return '';
    const { maxBytes, maxBytesKey } = this.#options;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > maxBytes)
        throw new HttpFault(
          `The answer to ${where} is longer than ${maxBytes} bytes${maxBytesKey ? `; ask for less at once, or raise '${maxBytesKey}'` : ''}`,
          { reason: 'too-large' },
        );
      chunks.push(chunk);
    }
    return new TextDecoder().decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
  }
}

/** Where a redirect leads. Followed on the same server only: another one must not see this one's keys. */
function redirectOf(status: number, location: string | null, from: URL): URL | null {
  return location && status >= 300 && status < 400 && status !== 304 ? URL.parse(location, from.href) : null;
}

/** undici says `fetch failed`; what happened is in the cause. */
function rootOf(error: unknown): string {
  let at = error;
  while (at instanceof Error && at.cause) at = at.cause;
  const code = (at as { code?: unknown } | null)?.code;
  const text = messageOf(at);
  return typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text;
}
