import type { Props } from '@tributary/api';
import type { RouteShorthandOptions } from 'fastify';
import { BadRequestError } from '../herder/errors.ts';
import { assertSigned } from '../herder/session-key.ts';
import { configBody, jsonBody, keepBody, sentBody } from './body.ts';
import { INTERNAL } from './operation.ts';
import type { Routes } from './routes.ts';
import { signatureOf } from './signed.ts';

interface Named {
  Params: { name: string };
}

/** A connector with thousands of tasks hands in all of their configs at once. */
const MIN_BODY_LIMIT = 16 * 1024 * 1024;
const NOTHING = new Uint8Array();

/** What workers ask of their leader. The body is not looked at before its signature was found right. */
export const internalRoutes: Routes = (app, { internal }) => {
  if (!internal) return;
  const { leader, signed, sessionKey, verificationAlgorithms } = internal;
  const options: RouteShorthandOptions = {
    ...INTERNAL,
    bodyLimit: Math.max(app.initialConfig.bodyLimit ?? 0, MIN_BODY_LIMIT),
  };
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
      keepBody(request, body as Buffer);
      done(null);
    });
    scope.addHook('preHandler', async (request) => {
      const body = sentBody(request) ?? NOTHING;
      if (signed()) assertSigned(body, signatureOf(request.headers), sessionKey(), verificationAlgorithms);
    });
    scope.post<Named>('/connectors/:name/tasks', options, async (request, reply) => {
      await leader.putTaskConfigs(request.params.name, taskConfigs(sentBody(request) ?? NOTHING));
      return reply.code(204).send();
    });
    scope.put<Named>('/connectors/:name/fence', options, async ({ params }, reply) => {
      await leader.fenceZombies(params.name);
      return reply.code(204).send();
    });
  });
};

/** @throws BadRequestError */
function taskConfigs(body: Uint8Array): readonly Props[] {
  const json = jsonBody(body);
  if (!Array.isArray(json))
    throw new BadRequestError('The task configs must be a JSON array with a config for each task');
  return json.map((config, task) => configBody(config, `The config of task ${task}`));
}
