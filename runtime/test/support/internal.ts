import type { Props, RunningRestExtension } from '@tributary/api';
import type { Test } from 'tap';
import { builtIn } from '../../src/built-in.ts';
import type { Herder } from '../../src/herder/herder.ts';
import type { LeaderWork } from '../../src/herder/peers.ts';
import { openRegistry } from '../../src/plugins/registry.ts';
import { openListeners } from '../../src/rest/listen.ts';
import type { InternalRequests, RestContext } from '../../src/rest/routes.ts';
import { restServers } from '../../src/rest/server.ts';
import { workerClient } from '../../src/rest/worker-client.ts';
import type { SessionKey } from '../../src/store/session-key.ts';
import { testLogger } from './logger.ts';

/** The REST API of a worker that takes requests of others, and notes down what it was asked. */
export interface InternalWorker {
  readonly url: string;
  /** Task configs by connector, or `fence`. */
  readonly asked: ReadonlyArray<readonly [connector: string, what: readonly Props[] | 'fence']>;
}

export interface InternalOptions extends Partial<Omit<InternalRequests, 'leader' | 'sessionKey'>> {
  readonly sessionKey: () => SessionKey | null;
  /** What the herder does before it takes what it is asked; default: nothing. */
  readonly before?: (connector: string) => void;
  readonly extensions?: readonly RunningRestExtension[];
}

/** Serves on loopback until the test ends. There is no herder but what notes down; everything in front of it is the worker's own. */
export async function internalWorker(t: Test, options: InternalOptions): Promise<InternalWorker> {
  const { before = () => {}, extensions = [], ...given } = options;
  const asked: Array<InternalWorker['asked'][number]> = [];
  const take: <T extends (typeof asked)[number][1]>(connector: string, what: T) => Promise<void> = async (
    connector,
    what,
  ) => {
    before(connector);
    asked.push([connector, what]);
  };
  const leader: LeaderWork = { putTaskConfigs: take, fenceZombies: (connector) => take(connector, 'fence') };
  const client = workerClient(() => ({}));
  const listeners = await openListeners({
    regular: [{ host: '127.0.0.1', port: 0, tls: null, key: 'listeners' }],
    admin: 'with the others',
  });
  t.teardown(() => listeners.close());
  t.teardown(() => client.close());
  const context: Partial<RestContext> = {
    herder: { refresh: async () => {} } as Herder,
    client,
    registry: await openRegistry({ pluginPath: [], from: [], builtIn }),
    internal: { leader, signed: () => true, verificationAlgorithms: ['HmacSHA256'], ...given },
    startingUp: () => null,
    redact: (text) => text,
    log: testLogger,
    extensions,
  };
  const settings = { crossOrigin: null, headerRules: [], maxBytes: 1024 * 1024 };
  await restServers(context as RestContext, settings, listeners);
  return { url: `http://127.0.0.1:${listeners.regular[0]!.port}`, asked };
}
