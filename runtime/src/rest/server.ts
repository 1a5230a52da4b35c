import { createServer, type RequestListener } from 'node:http';
import fastify from 'fastify';
import { jsonText } from '../store/json.ts';
import { installJsonParser } from './body.ts';
import { connectorRoutes } from './connector.ts';
import { connectorsRoutes } from './connectors.ts';
import { type ErrorMessage, installErrors, installNotFound } from './errors.ts';
import { installExtensionRoutes, installExtensions } from './extensions/index.ts';
import { forwarding } from './forward.ts';
import { installHeaders } from './headers.ts';
import { healthRoutes } from './health.ts';
import { internalRoutes } from './internal.ts';
import type { RestListener, RestListeners } from './listen.ts';
import { loggerRoutes } from './loggers.ts';
import { metricsRoutes } from './metrics.ts';
import { installNegotiation, installPlainTypes } from './negotiation.ts';
import { offsetRoutes } from './offsets.ts';
import { openApiRoutes } from './openapi.ts';
import { pluginRoutes } from './plugins.ts';
import { previewRoutes } from './preview.ts';
import { rootRoutes } from './root.ts';
import { rememberRoutes } from './route-table.ts';
import type { RestContext, Routes } from './routes.ts';
import type { RestSettings } from './settings.ts';
import { taskRoutes } from './tasks.ts';
import { topicRoutes } from './topics.ts';

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
  previewRoutes,
  internalRoutes,
];

/** Those below /admin, which may have listeners of their own. */
const ADMIN_RESOURCES: readonly Routes[] = [loggerRoutes];

/** Paths that answer while the worker starts. */
const ALWAYS = /^\/(health|metrics|openapi\.json)?\/?(\?.*)?$/;

/** Builds the REST API: one for all listeners, or with one more for those of the admin resources. @throws ConfigError */
export async function restServers(
  context: RestContext,
  settings: RestSettings,
  { regular, admin }: RestListeners,
): Promise<void> {
  if (admin === 'with the others') return serve(context, settings, [...RESOURCES, ...ADMIN_RESOURCES], regular);
  await serve(context, settings, RESOURCES, regular);
  // As in Java, what goes for pages does not go for these.
  const plain = { ...settings, crossOrigin: null, headerRules: [] };
  if (admin.length > 0) await serve(context, plain, ADMIN_RESOURCES, admin);
}

/** Once the API is ready it takes over the listeners' requests. */
async function serve(
  context: RestContext,
  settings: RestSettings,
  resources: readonly Routes[],
  listeners: readonly RestListener[],
): Promise<void> {
  let handler: RequestListener | undefined;
  const app = fastify({
    bodyLimit: settings.maxBytes,
    serverFactory(handle) {
      handler = handle;
      // Never listens: the listeners are there already, and there may be several.
      return createServer();
    },
    frameworkErrors(error, _request, reply) {
      // What the router cannot even decode does not reach the error handler.
      const status = error.statusCode ?? 400;
      const body: ErrorMessage = { error_code: status, message: error.message };
      reply.raw.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    },
    exposeHeadRoutes: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 10_000 },
  });
  rememberRoutes(app);
  installJsonParser(app);
  const { redact, herder, client, log } = context;
  installErrors(app, {
    redact,
    forward: forwarding({ client, refresh: () => herder.refresh(), log }),
    onServerError: (error) => log.error('A request failed', { err: error }),
  });
  installHeaders(app, settings);
  app.addHook('onRequest', async (request, reply) => {
    const starting = context.startingUp();
    if (starting !== null && !ALWAYS.test(request.url))
      return reply.code(503).send({ error_code: 503, message: starting });
  });
  installNotFound(app);
  installNegotiation(app);
  installExtensions(app, context.extensions);
  installPlainTypes(app);
  // Offsets may have more digits than a number holds.
  app.setReplySerializer(jsonText);
  for (const routes of [...resources, openApiRoutes]) routes(app, context);
  if (listeners[0]?.listener.key === 'listeners') installExtensionRoutes(app, context.extensions);
  await app.ready();
  for (const listener of listeners) listener.serve(handler!);
}
