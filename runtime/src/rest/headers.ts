import type { FastifyInstance, FastifyReply } from 'fastify';
import type { HeaderRule } from '../config/response-headers.ts';
import type { RestSettings } from './settings.ts';

/** How long a browser may keep the answer to its question, in seconds (Jetty's figures, as Java's worker has them). */
const PREFLIGHT_SECONDS = '60';
const ALLOWED_HEADERS = 'Content-Type';

/** Whether a browser asks what a page of another origin may do. */
export function isPreflight(method: string, headers: Readonly<Record<string, unknown>>): boolean {
  return (
    method === 'OPTIONS' && headers['origin'] !== undefined && headers['access-control-request-method'] !== undefined
  );
}

/** Gives every answer the headers of `access.control.allow.*` and `response.http.headers.config`. */
export function installHeaders(app: FastifyInstance, { crossOrigin, headerRules }: RestSettings): void {
  if (!crossOrigin && headerRules.length === 0) return;
  app.addHook('onRequest', async ({ method, headers }, reply) => {
    if (crossOrigin) {
      reply.header('vary', 'Origin');
      const { origin } = headers;
      if (origin !== undefined && crossOrigin.allows(origin)) {
        reply.header('access-control-allow-origin', origin);
        if (isPreflight(method, headers))
          reply.headers({
            'access-control-allow-methods': crossOrigin.methods,
            'access-control-allow-headers': ALLOWED_HEADERS,
            'access-control-max-age': PREFLIGHT_SECONDS,
          });
      }
    }
    for (const rule of headerRules) apply(rule, reply);
  });
}

function apply({ add, name, value }: HeaderRule, reply: FastifyReply): void {
  const text = typeof value === 'string' ? value : new Date(Date.now() + value.inMs).toUTCString();
  const before = reply.getHeader(name);
  if (!add || before === undefined) reply.header(name, text);
  else {
    reply.removeHeader(name);
    reply.header(name, [...[before].flat().map(String), text]);
  }
}
