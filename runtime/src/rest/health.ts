import type { Routes } from './server.ts';

/** KIP-1017. */
export const healthRoutes: Routes = (app, { startingUp }) => {
  app.get('/health', async (_request, reply) => {
    const starting = startingUp();
    if (starting !== null) return reply.code(503).send({ status: 'starting', message: starting });
    return { status: 'healthy', message: 'Worker has completed startup and is ready to handle requests.' };
  });
};
