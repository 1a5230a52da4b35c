import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { ConnectionOptions } from 'node:tls';
import { urlToHttpOptions } from 'node:url';
import { ConnectError, messageOf } from '@tributary/api';

/** How long a worker waits for another one's answer, in milliseconds: as long as Java's waits for its own. */
const TIMEOUT_MS = 90_000;

export interface WorkerRequest {
  readonly method: string;
  /** Where the other worker is, `http://host:port`. */
  readonly worker: string;
  /** The path with its query, sent as it is. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: none. */
  readonly body: Uint8Array | undefined;
}

export interface WorkerAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends requests to other workers, each on a connection of its own. */
export interface WorkerClient {
  /** @throws ConnectError if there is no answer; an answer that tells of an error is one */
  send(request: WorkerRequest): Promise<WorkerAnswer>;
  /** Breaks off what is under way. */
  close(): void;
}

/** @param tls what goes for https, asked for once it is needed. @param timeoutMs default: 90,000 */
export function workerClient(tls: () => ConnectionOptions, timeoutMs: number = TIMEOUT_MS): WorkerClient {
  const http = new HttpAgent();
  let https: HttpsAgent | undefined;
  const secure = (): HttpsAgent => {
    https ??= new HttpsAgent(tls());
    return https;
  };
  const start = ({ method, worker, path, headers, body }: WorkerRequest, signal: AbortSignal) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const url = new URL(worker);
      const [request, agent] = url.protocol === 'https:' ? [httpsRequest, secure()] : [httpRequest, http];
      const full = url.pathname.replace(/\/+$/, '') + path;
      const sent = request({ ...urlToHttpOptions(url), method, path: full, headers, agent, signal });
      sent.on('response', resolve).on('error', reject).end(body);
    });
  return {
    async send(request) {
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const response = await start(request, signal);
        return { status: response.statusCode!, headers: response.headers, body: await buffer(response) };
      } catch (error) {
        const problem = signal.aborted
          ? `there was no answer within ${timeoutMs} ms`
          : `${messageOf(error)}${hint(error)}`;
        throw new ConnectError(problem, { cause: error });
      }
    },
    close() {
      http.destroy();
      https?.destroy();
    },
  };
}

const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT.*))$/;

function hint(error: unknown): string {
  return UNTRUSTED.test(String((error as NodeJS.ErrnoException).code))
    ? '. The certificate of the other worker is not trusted: name it, or the authority that signed it, with listeners.https.ssl.truststore.location and listeners.https.ssl.truststore.type=PEM'
    : '';
}
