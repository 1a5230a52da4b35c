import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { HttpError, InfluxDB } from '@influxdata/influxdb-client';
import { messageOf } from '@tributary/api';
import type { HttpAnswer } from './answer.ts';
import { InfluxFault } from './fault.ts';

export interface ServerOptions {
  readonly url: string;
  readonly token: string | null;
  /** For databases: a name and its password, in place of the token. */
  readonly user: { readonly name: string; readonly password: string } | null;
  readonly gzip: boolean;
  readonly timeoutMs: number;
  readonly tls: SecureContextOptions;
}

/** The HTTP side of InfluxDB, on the transport of its client: nothing is buffered, nothing is tried again. */
export class Server {
  readonly #options: ServerOptions;
  readonly #client: InfluxDB;
  readonly #agent: HttpAgent;

  constructor(options: ServerOptions) {
    this.#options = options;
    const { url, token, user, tls } = options;
    this.#agent = url.startsWith('https:')
      ? new HttpsAgent({ keepAlive: true, ...tls })
      : new HttpAgent({ keepAlive: true });
    this.#client = new InfluxDB({
      url,
      ...(user === null && token !== null && { token }),
      ...(user !== null && {
        headers: { authorization: `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}` },
      }),
      transportOptions: { agent: this.#agent },
    });
  }

  /** Whatever the answer is. @throws InfluxFault if there is none in time */
  async send(
    method: 'GET' | 'POST',
    path: string,
    body: string,
    timeoutMs = this.#options.timeoutMs,
  ): Promise<HttpAnswer> {
    // One for each request: it also ends the request on the socket, so that what is written again is not overtaken by it.
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return await this.#exchange(method, path, body, signal);
    } catch (error) {
      if (signal.aborted)
        throw new InfluxFault(
          `There was no answer from ${this.#options.url} within ${timeoutMs} ms`,
          { kind: 'down' },
          'influxdb.url',
          error,
        );
      throw unreachable(this.#options.url, error);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #exchange(method: 'GET' | 'POST', path: string, body: string, signal: AbortSignal): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      let status = 0;
      let retryAfter: string | undefined;
      const chunks: Uint8Array[] = [];
      this.#client.transport.send(
        path,
        body,
        {
          method,
          headers: { 'content-type': 'text/plain; charset=utf-8', accept: 'application/json' },
          ...(this.#options.gzip && { gzipThreshold: 1000 }),
          signal,
        },
        {
          responseStarted(headers, statusCode) {
            status = statusCode ?? 0;
            retryAfter = [headers['retry-after']].flat()[0];
          },
          next: (data) => void chunks.push(data),
          complete: () => resolve({ status, retryAfter, body: Buffer.concat(chunks).toString() }),
          error: (error) => {
            if (error instanceof HttpError) resolve({ status: error.statusCode, retryAfter, body: error.body ?? '' });
            else reject(error);
          },
        },
      );
    });
  }
}

const CERTIFICATE = /^(?:CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_MISMATCH)|EPROTO/;

function unreachable(url: string, error: unknown): InfluxFault {
  const code = String((error as { code?: unknown }).code ?? '');
  if (CERTIFICATE.test(code))
    return new InfluxFault(
      `TLS with ${url} fails: ${messageOf(error)} (${code}); check influxdb.ssl.truststore.location and the scheme of influxdb.url`,
      { kind: 'fatal' },
      code.startsWith('EPROTO') || code.startsWith('ERR_SSL') ? 'influxdb.url' : 'influxdb.ssl.truststore.location',
      error,
    );
  return new InfluxFault(
    `${url} does not answer: ${messageOf(error) || code}; is influxdb.url right, and does the server run?`,
    { kind: 'down' },
    'influxdb.url',
    error,
  );
}
