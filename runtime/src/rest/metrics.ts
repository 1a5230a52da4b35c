import type { Routes } from './server.ts';

export const metricsRoutes: Routes = (app, { metrics }) => {
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await metrics();
    return reply.type(contentType).send(text);
  });
};
