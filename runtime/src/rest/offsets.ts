import { offsetEntries } from '../herder/offsets.ts';
import { json, operation } from './operation.ts';
import type { Routes } from './routes.ts';
import { ref } from './schemas.ts';

interface Named {
  Params: { name: string };
}

export const offsetRoutes: Routes = (app, { herder }) => {
  app.get<Named>(
    '/connectors/:name/offsets',
    operation({
      id: 'getOffsets',
      tag: 'Offsets',
      summary: 'How far a connector has come',
      answers: {
        200: json(ref('ConnectorOffsets'), 'Of a source its own offsets, of a sink those of its consumer group.'),
      },
    }),
    async ({ params }) => herder.offsets(params.name),
  );

  app.patch<Named>(
    '/connectors/:name/offsets',
    operation({
      id: 'alterOffsets',
      tag: 'Offsets',
      summary: 'Set offsets of a stopped connector',
      description: 'A partition whose offset is null is reset; those that are not named stay as they are.',
      body: { schema: ref('OffsetsInput') },
      answers: {
        200: json(ref('Message'), 'They are set. The message tells whether something is left to be done elsewhere.'),
        400: 'The connector is not stopped, or it does not take these offsets.',
        409: 'Tasks of the connector have not stopped yet.',
      },
    }),
    async ({ params, body }) => herder.alterOffsets(params.name, offsetEntries(body)),
  );

  app.delete<Named>(
    '/connectors/:name/offsets',
    operation({
      id: 'resetOffsets',
      tag: 'Offsets',
      summary: 'Forget all offsets of a stopped connector',
      answers: {
        200: json(
          ref('Message'),
          'They are forgotten. The message tells whether something is left to be done elsewhere.',
        ),
        400: 'The connector is not stopped.',
        409: 'Tasks of the connector have not stopped yet.',
      },
    }),
    async ({ params }) => herder.resetOffsets(params.name),
  );
};
