import { operation } from './operation.ts';
import type { Routes } from './routes.ts';
import { STRING } from './schemas.ts';

export const metricsRoutes: Routes = (app, { metrics }) => {
  app.get(
    '/metrics',
    operation({
      id: 'getMetrics',
      tag: 'Worker',
      summary: 'Metrics of worker, connectors and tasks',
      answers: { 200: { description: 'In the text format of Prometheus.', type: 'text/plain', schema: STRING } },
    }),
    async (_request, reply) => {
      const { contentType, text } = await metrics();
      return reply.type(contentType).send(text);
    },
  );
};
