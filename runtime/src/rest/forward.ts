import { ConnectError, type Logger, messageOf } from '@tributary/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConflictError, type RequestTargetError } from '../herder/errors.ts';
import { sentBody } from './body.ts';
import { pathAndQuery } from './query.ts';
import { SIGNATURE_HEADERS } from './signed.ts';
import type { WorkerClient } from './worker-client.ts';

export interface ForwardOptions {
  readonly client: WorkerClient;
  /** Reads the configs that are there now. */
  readonly refresh: () => Promise<void>;
  readonly log: Logger;
}

/** Has another worker answer a request. */
export type Forward = (
  request: FastifyRequest,
  reply: FastifyReply,
  target: RequestTargetError,
) => Promise<FastifyReply>;

/** What the other worker must be told of the request, besides its body: who asks, or which worker has signed it. */
const PASSED_ON = ['authorization', 'content-type', ...SIGNATURE_HEADERS];
/** What the client must be told of the answer. */
const PASSED_BACK = ['content-type', 'location', 'www-authenticate'] as const;

/**
 * Sends requests on to the workers they are for, as Java's workers do: over two hops at most, counted by the query parameter
 * `forward`, so that a request does not wander for ever while workers do not agree about who is to do it. The answer is passed back
 * as it is. After a change this worker reads its configs anew, so that who asked for the change finds it here.
 * @throws ConflictError after the second hop, ConnectError if the other worker cannot be reached
 */
export function forwarding({ client, refresh, log }: ForwardOptions): Forward {
  return async (request, reply, { url: worker }) => {
    const { method } = request;
    const hops = forwardParameter(request);
    if (hops === false)
      throw new ConflictError('Cannot complete request because of a conflicting operation (e.g. worker rebalance)');
    const path = forwardedPath(request.url, hops === undefined);
    log.debug(`Forwarding request ${method} ${path} to ${worker}`);
    const passedOn = PASSED_ON.flatMap((name) =>
      request.headers[name] === undefined ? [] : [[name, String(request.headers[name])]],
    );
    const headers = { accept: 'application/json', ...Object.fromEntries(passedOn) };
    const answer = await client.send({ method, worker, path, headers, body: sentBody(request) }).catch((error) => {
      throw new ConnectError(`IO Error trying to forward REST request: ${messageOf(error)}`, { cause: error });
    });
    if (answer.status >= 300 && answer.status < 400)
      throw new ConnectError(`Unexpected status code when handling forwarded request: ${answer.status}`);
    if (answer.status < 300 && method !== 'GET' && method !== 'HEAD')
      await refresh().catch((error: unknown) =>
        log.warn(
          `${method} ${path} was done by ${worker}, but its effect cannot be read here yet: ${messageOf(error)}`,
        ),
      );
    reply.code(answer.status);
    for (const name of PASSED_BACK) if (answer.headers[name] !== undefined) reply.header(name, answer.headers[name]);
    return answer.body.length > 0 ? reply.send(answer.body) : reply.send();
  };
}

/** As Java reads it: undefined where it is absent, and anything but `true` is false. */
function forwardParameter({ url }: FastifyRequest): boolean | undefined {
  const [, query] = pathAndQuery(url);
  const value = new URLSearchParams(query).get('forward');
  return value === null ? undefined : value.toLowerCase() === 'true';
}

/** The same path and query, with what is told to the next worker. */
function forwardedPath(url: string, forward: boolean): string {
  const [path, query] = pathAndQuery(url);
  const others = query.split('&').filter((one) => one !== '' && !new URLSearchParams(one).has('forward'));
  return `${path}?${[...others, `forward=${forward}`].join('&')}`;
}
