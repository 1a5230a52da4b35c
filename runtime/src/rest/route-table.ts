import type { FastifyInstance } from 'fastify';
import type { Operation } from './operation.ts';

export interface Route {
  readonly method: string;
  /** With `:name` or `:name(^pattern$)` for parameters. */
  readonly url: string;
  /** Matches the paths of the route. */
  readonly pattern: RegExp;
  /** Undefined of routes that only workers call. */
  readonly operation: Operation | undefined;
}

/** `:name`, or `:name(^pattern$)`. */
export const PARAMETER = /:([a-zA-Z]+)(?:\(\^([^)]*)\$\))?/g;

const tables = new WeakMap<object, Route[]>();

/**
 * Remembers each route that is added: for the answer to a wrong method, and for what the API tells about itself. To be called before
 * any route. A route that does not tell what it does is refused.
 */
export function rememberRoutes(app: FastifyInstance): void {
  const routes: Route[] = [];
  tables.set(app.server, routes);
  app.addHook('onRoute', ({ method, url, config }) => {
    const source = url.replace(PARAMETER, (_all, _name, own?: string) => own ?? '[^/]+').replace(/\/$/, '');
    const pattern = new RegExp(`^${source}/?$`);
    if (!config?.operation && !config?.internal)
      throw new Error(`${method} ${url} is served but not described: give the route operation({ ... }) as its options`);
    for (const one of [method].flat()) routes.push({ method: one, url, pattern, operation: config.operation });
  });
}

export function routesOf(app: FastifyInstance): readonly Route[] {
  return tables.get(app.server) ?? [];
}
