import type { Logger, Props } from '@tributary/api';
import fastify, { type FastifyInstance } from 'fastify';
import type { Herder } from '../herder/herder.ts';
import type { Loggers } from '../logging/loggers.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import { installJsonParser } from './body.ts';
import { connectorRoutes } from './connector.ts';
import { connectorsRoutes } from './connectors.ts';
import { type ErrorMessage, installErrors } from './errors.ts';
import { healthRoutes } from './health.ts';
import type { RestListener } from './listen.ts';
import { loggerRoutes } from './loggers.ts';
import { metricsRoutes } from './metrics.ts';
import { offsetRoutes } from './offsets.ts';
import { openApiRoutes } from './openapi.ts';
import { pluginRoutes } from './plugins.ts';
import { previewRoutes } from './preview.ts';
import { rootRoutes } from './root.ts';
import { rememberRoutes } from './route-table.ts';
import { taskRoutes } from './tasks.ts';
import { topicRoutes } from './topics.ts';

/** What the routes work with. */
export interface RestContext {
  readonly herder: Herder;
  readonly registry: PluginRegistry;
  /** The worker's config as text, with the defaults of its converters. */
  readonly workerProps: Props;
  readonly clusterId: () => string | null;
  /** `http://host:port`, for Location headers. */
  readonly advertisedUrl: () => string;
  /** Why the worker does not take requests yet, or null once it does. */
  readonly startingUp: () => string | null;
  /** The metrics in the Prometheus text format. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly log: Logger;
  readonly loggers: Loggers;
}

/** A resource of the API: a fastify plugin that is given the context. */
export type Routes = (app: FastifyInstance, context: RestContext) => void;

/** Resources by file; a new one is added here. */
const RESOURCES: readonly Routes[] = [
  rootRoutes,
  healthRoutes,
  metricsRoutes,
  connectorsRoutes,
  connectorRoutes,
  taskRoutes,
  topicRoutes,
  offsetRoutes,
  pluginRoutes,
  loggerRoutes,
  previewRoutes,
  openApiRoutes,
];

const BODY_LIMIT = 1024 * 1024;
/** Paths that answer while the worker starts. */
const ALWAYS = /^\/(health|metrics|openapi\.json)?\/?(\?.*)?$/;

/** Builds the REST API. Once it is ready it takes over the listener's requests. */
export function restServer(context: RestContext, listener: RestListener): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    serverFactory(handler) {
      listener.serve(handler);
      return listener.server;
    },
    frameworkErrors(error, _request, reply) {
      // What the router cannot even decode does not reach the error handler.
      const status = error.statusCode ?? 400;
      const body: ErrorMessage = { error_code: status, message: error.message };
      reply.raw.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    },
    forceCloseConnections: true,
    exposeHeadRoutes: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 10_000 },
  });
  rememberRoutes(app);
  installJsonParser(app);
  installErrors(app, BODY_LIMIT, (error) => context.log.error('A request failed', { err: error }));
  app.addHook('onRequest', async (request, reply) => {
    const starting = context.startingUp();
    if (starting !== null && !ALWAYS.test(request.url))
      return reply.code(503).send({ error_code: 503, message: starting });
  });
  for (const routes of RESOURCES) routes(app, context);
  return app;
}
