import {
  type ClusterState,
  ConfigError,
  type Logger,
  messageOf,
  type Props,
  parseConfig,
  type RestAnswer,
  type RestRequest,
  type RunningRestExtension,
} from '@tributary/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { NotFoundError } from '../../herder/errors.ts';
import type { Herder } from '../../herder/herder.ts';
import type { PluginRegistry } from '../../plugins/registry.ts';
import { INTERNAL } from '../operation.ts';
import { pathAndQuery } from '../query.ts';

/** The extensions of a worker, in the order of `rest.extension.classes`. */
export interface RestExtensions {
  readonly running: readonly RunningRestExtension[];
  /** The keys of the worker's config that are theirs. */
  readonly keys: ReadonlySet<string>;
  close(): Promise<void>;
}

export interface ExtensionParts {
  readonly registry: PluginRegistry;
  readonly props: Props;
  readonly herder: Herder;
  readonly clusterId: () => string | null;
  readonly log: Logger;
}

/** Starts the extensions. @throws ConfigError that names the class, if there is none of that name or it cannot start */
export async function openExtensions(classes: readonly string[], parts: ExtensionParts): Promise<RestExtensions> {
  const running: RunningRestExtension[] = [];
  const keys = new Set<string>();
  const close = async (): Promise<void> => {
    for (const extension of running.splice(0).reverse()) await extension.close?.();
  };
  try {
    for (const name of classes) {
      const { extension, own } = await start(name, parts);
      running.push(extension);
      for (const key of own) keys.add(key);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { running, keys, close };
}

async function start(name: string, { registry, props, log, ...parts }: ExtensionParts) {
  const plugin = registry.find(['rest_extension'], name);
  if (!plugin) {
    const known = registry.list('rest_extension').map((one) => one.class);
    throw new ConfigError(
      `Invalid value ${name} for configuration rest.extension.classes: there is no such REST extension. Installed: ${known.join(', ')}. Extensions in Java do not run here`,
    );
  }
  const definition = await plugin.load();
  const { config, errors } = parseConfig(definition.config, props);
  if (errors.size > 0)
    throw new ConfigError(`The REST extension ${plugin.class} cannot start: ${[...errors.values()].flat().join('; ')}`);
  try {
    const extension = await definition.register(config as never, { cluster: clusterState(parts), log });
    return { extension, own: Object.keys(definition.config) };
  } catch (error) {
    throw new ConfigError(`The REST extension ${plugin.class} cannot start: ${messageOf(error)}`, { cause: error });
  }
}

function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

function clusterState({ herder, clusterId }: Pick<ExtensionParts, 'herder' | 'clusterId'>): ClusterState {
  return {
    get kafkaClusterId() {
      return clusterId();
    },
    connectors: () => herder.names(),
    connectorConfig: (name) => unlessMissing(() => herder.config(name)),
    connectorHealth: (name) =>
      unlessMissing(() => {
        const { type, connector, tasks } = herder.status(name);
        return {
          name,
          type,
          connector: healthOf(connector),
          tasks: tasks.map(({ id, ...state }) => ({ id, ...healthOf(state) })),
        };
      }),
  };
}

const healthOf = ({ state, worker_id, trace }: { state: string; worker_id: string; trace?: string }) => ({
  state,
  workerId: worker_id,
  ...(trace !== undefined && { trace }),
});

function requestOf({ method, url, headers, ip }: FastifyRequest): RestRequest {
  const [path, query] = pathAndQuery(url);
  return { method, path, query, headers, remoteAddress: ip };
}

function send(reply: FastifyReply, { status, headers, body }: RestAnswer): FastifyReply {
  return reply
    .code(status)
    .headers(headers ?? {})
    .send(body);
}

/** Shows every request for a path that there is to the extensions. */
export function installExtensions(app: FastifyInstance, running: readonly RunningRestExtension[]): void {
  for (const extension of running) {
    if (extension.onRequest)
      app.addHook('onRequest', async (request, reply) => {
        const answer = await extension.onRequest?.(requestOf(request));
        if (answer) return send(reply, answer);
      });
  }
}

/** Adds the paths of the extensions. */
export function installExtensionRoutes(app: FastifyInstance, running: readonly RunningRestExtension[]): void {
  for (const { routes = [] } of running) {
    for (const { method, path, handle } of routes)
      app.route({
        ...INTERNAL,
        method,
        url: path,
        handler: async (request, reply) => send(reply, await handle(requestOf(request), request.body)),
      });
  }
}
