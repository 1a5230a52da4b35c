import { BadRequestError } from '../herder/errors.ts';
import { configBody, patchBody } from './body.ts';
import { CREATED, created } from './connectors.ts';
import { empty, json, operation } from './operation.ts';
import { firstOf, type QueryValue } from './query.ts';
import type { Routes } from './routes.ts';
import { BOOLEAN, NAME, ref } from './schemas.ts';

interface Named {
  Params: { name: string };
}

interface Restart extends Named {
  Querystring: { includeTasks?: QueryValue; onlyFailed?: QueryValue };
}

function flag(given: QueryValue, name: string): boolean {
  const value = firstOf(given);
  if (value === undefined) return false;
  if (value.toLowerCase() === 'true') return true;
  if (value.toLowerCase() === 'false') return false;
  throw new BadRequestError(`The query parameter ${name} is '${value.slice(0, 100)}', but must be true or false`);
}

export const connectorRoutes: Routes = (app, { herder, masking, advertisedUrl }) => {
  app.get<Named>(
    '/connectors/:name',
    operation({
      id: 'getConnector',
      tag: 'Connectors',
      summary: 'What a connector is',
      answers: { 200: json(ref('ConnectorInfo'), 'Config, tasks and type.') },
    }),
    async ({ params }) => masking.info(herder.info(params.name)),
  );

  app.delete<Named>(
    '/connectors/:name',
    operation({
      id: 'deleteConnector',
      tag: 'Connectors',
      summary: 'Stop a connector and delete its config',
      answers: { 204: empty('It is deleted; its offsets stay.') },
    }),
    async ({ params }, reply) => {
      await herder.delete(params.name);
      return reply.code(204).send();
    },
  );

  app.get<Named>(
    '/connectors/:name/config',
    operation({
      id: 'getConnectorConfig',
      tag: 'Connectors',
      summary: 'The config of a connector',
      answers: { 200: json(ref('ConnectorConfig'), 'Each key with its value as text.') },
    }),
    async ({ params }) => masking.config(herder.config(params.name)),
  );

  app.put<Named>(
    '/connectors/:name/config',
    operation({
      id: 'putConnectorConfig',
      tag: 'Connectors',
      summary: 'Give a connector a new config, or create it',
      path: { name: { description: 'The name of the connector, new or not.', schema: NAME } },
      body: { schema: ref('ConnectorInput') },
      answers: {
        200: json(ref('ConnectorInfo'), 'It has the new config.'),
        201: CREATED,
        400: 'The config is invalid; the message names every mistake.',
      },
    }),
    async ({ params, body }, reply) => {
      const config = configBody(body, 'The config');
      const result = await herder.putConfig(params.name, { ...config, name: config['name'] ?? params.name });
      const info = await masking.info(result.info);
      return result.created ? created(reply, advertisedUrl(), info) : info;
    },
  );

  app.patch<Named>(
    '/connectors/:name/config',
    operation({
      id: 'patchConnectorConfig',
      tag: 'Connectors',
      summary: 'Change single keys of a config',
      body: { description: 'Keys with their new values; null removes a key.', schema: ref('ConfigPatch') },
      answers: {
        200: json(ref('ConnectorInfo'), 'It has the new config.'),
        400: 'The config that results is invalid; the message names every mistake.',
      },
    }),
    async ({ params, body }) => masking.info(await herder.patchConfig(params.name, patchBody(body))),
  );

  app.get<Named>(
    '/connectors/:name/status',
    operation({
      id: 'getConnectorStatus',
      tag: 'Connectors',
      summary: 'What a connector and its tasks are doing',
      answers: { 200: json(ref('ConnectorStateInfo'), 'Their states.') },
    }),
    async ({ params }) => herder.status(params.name),
  );

  app.put<Named>(
    '/connectors/:name/pause',
    operation({
      id: 'pauseConnector',
      tag: 'Connectors',
      summary: 'Pause a connector and its tasks',
      answers: { 202: empty('It will pause.') },
    }),
    async ({ params }, reply) => {
      await herder.setTargetState(params.name, 'PAUSED');
      return reply.code(202).send();
    },
  );

  app.put<Named>(
    '/connectors/:name/resume',
    operation({
      id: 'resumeConnector',
      tag: 'Connectors',
      summary: 'Let a paused or stopped connector run again',
      answers: { 202: empty('It will run.') },
    }),
    async ({ params }, reply) => {
      await herder.setTargetState(params.name, 'STARTED');
      return reply.code(202).send();
    },
  );

  app.put<Named>(
    '/connectors/:name/stop',
    operation({
      id: 'stopConnector',
      tag: 'Connectors',
      summary: 'Stop a connector; its tasks go away',
      answers: { 204: empty('It will stop.') },
    }),
    async ({ params }, reply) => {
      await herder.setTargetState(params.name, 'STOPPED');
      return reply.code(204).send();
    },
  );

  app.post<Restart>(
    '/connectors/:name/restart',
    operation({
      id: 'restartConnector',
      tag: 'Connectors',
      summary: 'Restart a connector, and its tasks if wanted',
      query: {
        includeTasks: { description: 'Its tasks too.', schema: { ...BOOLEAN, default: false } },
        onlyFailed: { description: 'Only what has failed.', schema: { ...BOOLEAN, default: false } },
      },
      answers: {
        202: json(ref('ConnectorStateInfo'), 'The plan: what will be restarted is RESTARTING.'),
        204: empty('The connector alone will be restarted.'),
      },
    }),
    async ({ params, query }, reply) => {
      const includeTasks = flag(query.includeTasks, 'includeTasks');
      const onlyFailed = flag(query.onlyFailed, 'onlyFailed');
      const planned = await herder.restart(params.name, { includeTasks, onlyFailed });
      return planned ? reply.code(202).send(planned) : reply.code(204).send();
    },
  );
};
