import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ClientConfig } from './config.ts';
import type { Endpoint } from './credentials.ts';
import { tlsSettings } from './tls.ts';

const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';
const ACCEPT = `${MEDIA_TYPE}, application/vnd.schemaregistry+json, application/json`;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Requests to a registry over connections that are kept open. */
export class HttpTransport {
  readonly #http: http.Agent;
  readonly #https: https.Agent;
  readonly #timeouts: { readonly connect: number; readonly read: number };
  readonly #closed = new AbortController();

  /** @throws ConfigError */
  constructor(config: ClientConfig) {
    const proxy = config['proxy.host'] === '' ? undefined : `http://${config['proxy.host']}:${config['proxy.port']}`;
    const options = {
      keepAlive: true,
      ...(proxy !== undefined && { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } }),
    };
    this.#http = new http.Agent(options);
    this.#https = new https.Agent({ ...options, ...tlsSettings(config) });
    this.#timeouts = { connect: config['http.connect.timeout.ms'], read: config['http.read.timeout.ms'] };
  }

  /** Aborted by {@link close}. */
  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  /** Rejects where no answer comes; any answer counts, whatever its status. */
  send(endpoint: Endpoint, method: 'GET' | 'POST', path: string, body?: string): Promise<Answer> {
    const url = new URL(endpoint.url + path);
    const secure = url.protocol === 'https:';
    const headers: http.OutgoingHttpHeaders = { accept: ACCEPT };
    if (endpoint.authorization !== undefined) headers.authorization = endpoint.authorization;
    if (body !== undefined) {
      headers['content-type'] = MEDIA_TYPE;
      headers['content-length'] = Buffer.byteLength(body);
    }
    return new Promise((resolve, reject) => {
      const request = (secure ? https : http).request(url, {
        method,
        headers,
        agent: secure ? this.#https : this.#http,
        signal: this.#closed.signal,
      });
      this.#watch(request, secure);
      request.on('error', reject);
      request.on('response', (response) => {
        text(response).then((received) => resolve({ status: response.statusCode!, body: received }), reject);
      });
      request.end(body);
    });
  }

  /** Ends a request that gets no connection, or no answer, in time. */
  #watch(request: http.ClientRequest, secure: boolean): void {
    const { connect, read } = this.#timeouts;
    let timer: NodeJS.Timeout | undefined;
    const limit = (milliseconds: number, what: string): void => {
      clearTimeout(timer);
      timer = setTimeout(() => request.destroy(new Error(`${what} within ${milliseconds} ms`)), milliseconds);
    };
    const connected = (): void => limit(read, 'no answer');
    limit(connect, 'no connection');
    request.once('socket', (socket: Duplex & { readonly connecting?: boolean }) => {
      if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', connected);
      else connected();
    });
    request.once('close', () => clearTimeout(timer));
  }

  /** Ends what is under way and closes the connections. */
  close(): void {
    this.#closed.abort(new Error('the converter was closed'));
    this.#http.destroy();
    this.#https.destroy();
  }
}
