import { json, operation } from './operation.ts';
import { object, STRING } from './schemas.ts';
import type { Routes } from './server.ts';

const HEALTH = object({ status: { type: 'string', enum: ['healthy', 'starting', 'unhealthy'] }, message: STRING });

/** KIP-1017. */
export const healthRoutes: Routes = (app, { startingUp }) => {
  app.get(
    '/health',
    operation({
      id: 'getHealth',
      tag: 'Worker',
      summary: 'Whether the worker does its work',
      answers: {
        200: json(HEALTH, 'It does.'),
        503: json(HEALTH, 'It is starting.'),
      },
    }),
    async (_request, reply) => {
      const starting = startingUp();
      if (starting !== null) return reply.code(503).send({ status: 'starting', message: starting });
      return { status: 'healthy', message: 'Worker has completed startup and is ready to handle requests.' };
    },
  );
};
