import type { FastifyReply } from 'fastify';
import type { ConnectorInfo, ConnectorStateInfo } from '../herder/entities.ts';
import { NotFoundError } from '../herder/errors.ts';
import { TARGET_STATE } from '../store/config-state.ts';
import { createBody } from './body.ts';
import type { Routes } from './server.ts';

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

export const connectorsRoutes: Routes = (app, { herder, advertisedUrl }) => {
  app.get<{ Querystring: { expand?: string | string[] } }>('/connectors', async (request) => {
    const { expand } = request.query;
    if (expand === undefined) return herder.names();
    const wanted = [expand].flat();
    const answer: Record<string, Expanded> = {};
    for (const name of herder.names()) {
      const entry: Expanded = {};
      try {
        if (wanted.includes('status')) entry.status = herder.status(name);
        if (wanted.includes('info')) entry.info = herder.info(name);
      } catch (error) {
        // A connector that was just made has no status yet, one that was just deleted is gone: as in Java it is left out.
        if (error instanceof NotFoundError) continue;
        throw error;
      }
      Object.defineProperty(answer, name, { value: entry, enumerable: true });
    }
    return answer;
  });

  app.post('/connectors', async (request, reply) => {
    const { name, config, initialState } = createBody(request.body);
    const info = await herder.create(
      name,
      { ...config, name: config['name'] ?? name },
      initialState && TARGET_STATE[initialState],
    );
    return created(reply, advertisedUrl(), info);
  });
};
