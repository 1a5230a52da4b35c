import { ConnectError, isPlainObject } from '@tributary/api';
import { ConflictError, NotFoundError } from '../herder/errors.ts';
import type { Peers } from '../herder/peers.ts';
import { toJson } from '../store/json.ts';
import type { SessionKey } from '../store/session-key.ts';
import { httpMessage } from './errors.ts';
import { signatureHeaders } from './signed.ts';
import type { WorkerAnswer, WorkerClient } from './worker-client.ts';

export interface PeersOptions {
  readonly client: WorkerClient;
  /** Whether requests have to be signed: not while the group speaks the protocol `compatible`, as in Java. */
  readonly signed: () => boolean;
  /** The key of the group; null: it is not known yet. */
  readonly sessionKey: () => SessionKey | null;
  /** What they are signed with (`inter.worker.signature.algorithm`). */
  readonly signatureAlgorithm: string;
  /** Reads the config topic to its end, where the key may have been replaced. */
  readonly refresh: () => Promise<void>;
}

/** Asks the leader over HTTP, as workers in Java do. */
export function peers(options: PeersOptions): Peers {
  const path = (connector: string, end: string): string => `/connectors/${encodeURIComponent(connector)}/${end}`;
  return {
    putTaskConfigs: (leaderUrl, connector, configs) =>
      ask(options, { method: 'POST', worker: leaderUrl, path: path(connector, 'tasks'), body: toJson(configs) }),
    fenceZombies: (leaderUrl, connector) =>
      ask(options, { method: 'PUT', worker: leaderUrl, path: path(connector, 'fence'), body: undefined }),
  };
}

interface Question {
  readonly method: string;
  readonly worker: string;
  readonly path: string;
  readonly body: Uint8Array | undefined;
}

async function ask(options: PeersOptions, question: Question): Promise<void> {
  const { method, worker, path } = question;
  let answer = await send(options, question);
  if (answer.status === 403) {
    // The leader may have replaced the key just now, and this worker or the leader itself not have read it yet.
    await options.refresh();
    answer = await send(options, question);
  }
  if (answer.status >= 200 && answer.status < 300) return;
  const told = messageIn(answer);
  const message = `The leader at ${worker} answered ${method} ${path} with ${answer.status}: ${told ?? httpMessage(answer.status)}`;
  if (answer.status === 404 && told !== undefined && told !== httpMessage(404)) throw new NotFoundError(message);
  if (answer.status === 409 || answer.status === 503) throw new ConflictError(message);
  throw new ConnectError(message);
}

async function send(options: PeersOptions, { body, ...question }: Question): Promise<WorkerAnswer> {
  const key = await currentKey(options);
  const headers = {
    accept: 'application/json',
    ...(body && { 'content-type': 'application/json' }),
    ...(key && signatureHeaders(body ?? new Uint8Array(), key, options.signatureAlgorithm)),
  };
  return options.client.send({ ...question, headers, body });
}

async function currentKey({ signed, sessionKey, refresh }: PeersOptions): Promise<SessionKey | null> {
  if (!signed() || sessionKey()) return sessionKey();
  await refresh();
  const key = sessionKey();
  if (!key) throw new ConflictError('The leader has not handed out a key to sign requests with yet');
  return key;
}

/** What an error says; undefined if it is not a worker's. */
function messageIn({ body }: WorkerAnswer): string | undefined {
  try {
    const json: unknown = JSON.parse(body.toString());
    return isPlainObject(json) && typeof json['message'] === 'string' ? json['message'] : undefined;
  } catch {
    return undefined;
  }
}
