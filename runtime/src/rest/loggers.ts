import { isPlainObject } from '@tributary/api';
import { BadRequestError, NotFoundError } from '../herder/errors.ts';
import { type Level, parseLevel } from '../logging/levels.ts';
import { empty, json, operation } from './operation.ts';
import { firstOf, type QueryValue } from './query.ts';
import type { Routes } from './routes.ts';
import { listOf, mapOf, ref, STRING } from './schemas.ts';

interface Named {
  Params: { logger: string };
}

interface Scoped extends Named {
  Querystring: { scope?: QueryValue };
}

/** The level that a body asks for. @throws BadRequestError, or, as Java has it, NotFoundError for one that there is not */
function levelBody(json: unknown): Level {
  if (!isPlainObject(json) || json['level'] === undefined || json['level'] === null)
    throw new BadRequestError("Desired 'level' parameter was not specified in request.");
  const level = parseLevel(String(json['level']));
  if (!level) throw new NotFoundError(`invalid log level '${String(json['level']).slice(0, 100)}'.`);
  return level;
}

export const loggerRoutes: Routes = (app, { herder, loggers, log }) => {
  app.get(
    '/admin/loggers',
    operation({
      id: 'getLoggers',
      tag: 'Loggers',
      summary: 'The loggers of this worker, with their levels',
      answers: {
        200: json(mapOf(ref('LoggerLevel')), 'By name. What is not there has the level of what is next above.'),
      },
    }),
    async () => loggers.levels(),
  );

  app.get<Named>(
    '/admin/loggers/:logger',
    operation({
      id: 'getLogger',
      tag: 'Loggers',
      summary: 'The level of a logger',
      answers: { 200: json(ref('LoggerLevel'), 'Its level.'), 404: 'There is no such logger.' },
    }),
    async ({ params }) => {
      const level = loggers.level(params.logger);
      if (!level) throw new NotFoundError(`Logger ${params.logger} not found.`);
      return level;
    },
  );

  app.put<Scoped>(
    '/admin/loggers/:logger',
    operation({
      id: 'setLogger',
      tag: 'Loggers',
      summary: 'Set the level of a logger and of those below it',
      description: 'It holds until the worker ends.',
      query: {
        scope: {
          description: '`worker`: this one. `cluster`: all workers of the group. Anything else is taken for `worker`.',
          schema: { ...STRING, default: 'worker' },
        },
      },
      body: { schema: ref('LevelInput') },
      answers: {
        200: json(listOf(STRING), 'The names of the loggers whose level is another one now.'),
        204: empty('All workers will set it.'),
        400: 'The body names no level.',
        404: 'There is no such level.',
      },
    }),
    async ({ params, query, body }, reply) => {
      const level = levelBody(body);
      const scope = firstOf(query.scope) ?? 'worker';
      if (scope.toLowerCase() === 'cluster') {
        await herder.setLoggerLevel(params.logger, level);
        return reply.code(204).send();
      }
      if (scope.toLowerCase() !== 'worker')
        log.warn(`The scope '${scope}' is neither worker nor cluster: worker is meant`);
      return loggers.setLevel(params.logger, level);
    },
  );
};
