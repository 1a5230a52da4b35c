import { json, operation } from './operation.ts';
import type { Routes } from './routes.ts';
import { object, STRING } from './schemas.ts';

const HEALTH = object({ status: { type: 'string', enum: ['healthy', 'starting', 'unhealthy'] }, message: STRING });

/** How long the herder may take to answer, in milliseconds; as in Java. */
const TIMEOUT_MS = 10_000;

/** KIP-1017. */
export const healthRoutes: Routes = (app, { herder, startingUp }) => {
  app.get(
    '/health',
    operation({
      id: 'getHealth',
      tag: 'Worker',
      summary: 'Whether the worker does its work',
      answers: {
        200: json(HEALTH, 'It does.'),
        500: json(HEALTH, 'It does not answer, and may not answer other requests either.'),
        503: json(HEALTH, 'It is starting.'),
      },
    }),
    async (_request, reply) => {
      const starting = startingUp();
      if (starting !== null) return reply.code(503).send({ status: 'starting', message: starting });
      if (!(await herder.answers(TIMEOUT_MS))) {
        return reply.code(500).send({
          status: 'unhealthy',
          message: `Worker was unable to handle this request and may be unable to handle other requests. What it is working at has taken more than ${TIMEOUT_MS / 1000} s: GET /connectors?expand=status may tell which connector does not start or stop`,
        });
      }
      return { status: 'healthy', message: 'Worker has completed startup and is ready to handle requests.' };
    },
  );
};
