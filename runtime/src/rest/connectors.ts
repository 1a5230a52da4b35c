import type { FastifyReply } from 'fastify';
import type { ConnectorInfo, ConnectorStateInfo } from '../herder/entities.ts';
import { NotFoundError } from '../herder/errors.ts';
import { TARGET_STATE } from '../store/config-state.ts';
import { createBody } from './body.ts';
import { type FullAnswer, json, operation } from './operation.ts';
import type { Routes } from './routes.ts';
import { listOf, mapOf, object, ref, STRING } from './schemas.ts';

interface Expanded {
  status?: ConnectorStateInfo;
  info?: ConnectorInfo;
}

/** Characters that Java leaves as they are in a segment of a path. */
const AS_THEY_ARE = /%(2[46BC]|3[ABD]|40)/g;

/** A connector's name in a path. */
const segment = (name: string): string => encodeURIComponent(name).replace(AS_THEY_ARE, decodeURIComponent);

/** 201 with the connector's absolute address. */
export function created(reply: FastifyReply, base: string, info: ConnectorInfo): FastifyReply {
  return reply
    .code(201)
    .header('location', `${base}/connectors/${segment(info.name)}`)
    .send(info);
}

/** What a connector is after it was created. */
export const CREATED: FullAnswer = {
  ...json(ref('ConnectorInfo'), 'It was created.'),
  headers: { Location: { description: 'Where it is.', schema: { type: 'string', format: 'uri' } } },
};

export const connectorsRoutes: Routes = (app, { herder, masking, advertisedUrl }) => {
  app.get<{ Querystring: { expand?: string | string[] } }>(
    '/connectors',
    operation({
      id: 'getConnectors',
      tag: 'Connectors',
      summary: 'The connectors there are',
      query: {
        expand: {
          description: '`status`, `info`, or both: adds what they are and what they do.',
          schema: listOf(STRING),
        },
      },
      answers: {
        200: json(
          {
            oneOf: [
              listOf(STRING),
              mapOf(object({ status: ref('ConnectorStateInfo'), info: ref('ConnectorInfo') }, ['status', 'info'])),
            ],
          },
          'Their names; with `expand` an object by name.',
        ),
      },
    }),
    async (request) => {
      const { expand } = request.query;
      if (expand === undefined) return herder.names();
      const wanted = [expand].flat();
      const answer: Record<string, Expanded> = {};
      for (const name of herder.names()) {
        const entry: Expanded = {};
        try {
          if (wanted.includes('status')) entry.status = herder.status(name);
          if (wanted.includes('info')) entry.info = await masking.info(herder.info(name));
        } catch (error) {
          // A connector that was just made has no status yet, one that was just deleted is gone: as in Java it is left out.
          if (error instanceof NotFoundError) continue;
          throw error;
        }
        Object.defineProperty(answer, name, { value: entry, enumerable: true });
      }
      return answer;
    },
  );

  app.post(
    '/connectors',
    operation({
      id: 'createConnector',
      tag: 'Connectors',
      summary: 'Create a connector',
      body: { schema: ref('CreateConnector') },
      answers: {
        201: CREATED,
        400: 'The config is invalid; the message names every mistake.',
        409: 'There is a connector with this name.',
      },
    }),
    async (request, reply) => {
      const { name, config, initialState } = createBody(request.body);
      const info = await herder.create(
        name,
        { ...config, name: config['name'] ?? name },
        initialState && TARGET_STATE[initialState],
      );
      return created(reply, advertisedUrl(), await masking.info(info));
    },
  );
};
