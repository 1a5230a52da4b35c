import { empty, json, operation } from './operation.ts';
import type { Routes } from './routes.ts';
import { listOf, mapOf, object, STRING } from './schemas.ts';

interface Named {
  Params: { name: string };
}

export const topicRoutes: Routes = (app, { herder }) => {
  app.get<Named>(
    '/connectors/:name/topics',
    operation({
      id: 'getTopics',
      tag: 'Topics',
      summary: 'The topics that a connector has used',
      answers: {
        200: json(
          mapOf(object({ topics: listOf(STRING) })),
          'By the name of the connector. None, if there is no such connector.',
        ),
        403: 'The worker does not keep them (`topic.tracking.enable`).',
      },
    }),
    async ({ params }) => ({ [params.name]: { topics: herder.topics(params.name) } }),
  );

  app.put<Named>(
    '/connectors/:name/topics/reset',
    operation({
      id: 'resetTopics',
      tag: 'Topics',
      summary: 'Forget the topics that a connector has used so far',
      answers: {
        202: empty('They are forgotten.'),
        403: 'The worker does not keep them, or does not allow it (`topic.tracking.allow.reset`).',
      },
    }),
    async ({ params }, reply) => {
      await herder.resetTopics(params.name);
      return reply.code(202).send();
    },
  );
};
