import { BadRequestError } from '../herder/errors.ts';
import { configBody } from './body.ts';
import type { Routes } from './server.ts';

interface Plugin {
  Params: { plugin: string };
}

export const pluginRoutes: Routes = (app, { herder, registry }) => {
  app.get<{ Querystring: { connectorsOnly?: string } }>('/connector-plugins', async ({ query }) => {
    const plugins = query.connectorsOnly?.toLowerCase() === 'false' ? registry.list() : registry.list('sink', 'source');
    return plugins.map(({ class: className, kind, version }) => ({ class: className, type: kind, version }));
  });

  app.put<Plugin>('/connector-plugins/:plugin/config/validate', async ({ params, body }) => {
    const config = configBody(body, 'The config');
    const included = config['connector.class']?.trim();
    if (!included)
      throw new BadRequestError(
        `The config to validate contains no connector type: add "connector.class": "${params.plugin}"`,
      );
    const requested = registry.find(['source', 'sink'], params.plugin);
    const named = registry.find(['source', 'sink'], included);
    if (requested?.class !== named?.class)
      throw new BadRequestError(`Included connector type ${included} does not match request type ${params.plugin}`);
    return herder.validate(config);
  });
};
