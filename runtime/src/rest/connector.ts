import { BadRequestError } from '../herder/errors.ts';
import { configBody } from './body.ts';
import { created } from './connectors.ts';
import type { Routes } from './server.ts';

interface Named {
  Params: { name: string };
}

interface Restart extends Named {
  Querystring: { includeTasks?: string; onlyFailed?: string };
}

function flag(value: string | undefined, name: string): boolean {
  if (value === undefined) return false;
  if (value.toLowerCase() === 'true') return true;
  if (value.toLowerCase() === 'false') return false;
  throw new BadRequestError(`The query parameter ${name} is '${value.slice(0, 100)}', but must be true or false`);
}

export const connectorRoutes: Routes = (app, { herder, advertisedUrl }) => {
  app.get<Named>('/connectors/:name', async ({ params }) => herder.info(params.name));

  app.delete<Named>('/connectors/:name', async ({ params }, reply) => {
    await herder.delete(params.name);
    return reply.code(204).send();
  });

  app.get<Named>('/connectors/:name/config', async ({ params }) => herder.config(params.name));

  app.put<Named>('/connectors/:name/config', async ({ params, body }, reply) => {
    const config = configBody(body, 'The config');
    const result = await herder.putConfig(params.name, { ...config, name: config['name'] ?? params.name });
    return result.created ? created(reply, advertisedUrl(), result.info) : result.info;
  });

  app.get<Named>('/connectors/:name/status', async ({ params }) => herder.status(params.name));

  app.get<Named>('/connectors/:name/topics', async ({ params }) => ({
    [params.name]: { topics: herder.topics(params.name) },
  }));

  app.put<Named>('/connectors/:name/pause', async ({ params }, reply) => {
    await herder.setTargetState(params.name, 'PAUSED');
    return reply.code(202).send();
  });

  app.put<Named>('/connectors/:name/resume', async ({ params }, reply) => {
    await herder.setTargetState(params.name, 'STARTED');
    return reply.code(202).send();
  });

  app.put<Named>('/connectors/:name/stop', async ({ params }, reply) => {
    await herder.setTargetState(params.name, 'STOPPED');
    return reply.code(204).send();
  });

  app.post<Restart>('/connectors/:name/restart', async ({ params, query }, reply) => {
    const includeTasks = flag(query.includeTasks, 'includeTasks');
    const onlyFailed = flag(query.onlyFailed, 'onlyFailed');
    const planned = await herder.restart(params.name, { includeTasks, onlyFailed });
    return planned ? reply.code(202).send(planned) : reply.code(204).send();
  });
};
