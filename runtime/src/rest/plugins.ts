import type { ConfigInfos } from '../config/checked.ts';
import { pluginConfig } from '../config/plugin-config.ts';
import { BadRequestError, NotFoundError } from '../herder/errors.ts';
import { PLUGIN_KINDS } from '../plugins/manifest.ts';
import { configBody } from './body.ts';
import { json, operation } from './operation.ts';
import { firstOf, type QueryValue } from './query.ts';
import type { Routes } from './routes.ts';
import { listOf, ref, STRING } from './schemas.ts';

interface Plugin {
  Params: { plugin: string };
}

/** What is wrong with a config, and that its class is missing: the path told which one is meant. */
function withoutClass(infos: ConfigInfos): ConfigInfos {
  const missing = 'Missing required configuration "connector.class" which has no default value.';
  const configs = infos.configs.map((info) =>
    info.value.name === 'connector.class'
      ? { ...info, value: { ...info.value, value: null, errors: [...info.value.errors, missing] } }
      : info,
  );
  return { ...infos, configs, error_count: infos.error_count + 1 };
}

export const pluginRoutes: Routes = (app, { herder, registry }) => {
  app.get<{ Querystring: { connectorsOnly?: QueryValue } }>(
    '/connector-plugins',
    operation({
      id: 'getPlugins',
      tag: 'Plugins',
      summary: 'The plugins that are installed',
      query: {
        connectorsOnly: {
          description: 'false: also those that are no connectors.',
          schema: { ...STRING, default: 'true' },
        },
      },
      answers: { 200: json(listOf(ref('PluginInfo')), 'Sinks, sources, transformations, predicates, converters.') },
    }),
    async ({ query }) => {
      const only = firstOf(query.connectorsOnly) || 'true';
      const plugins = only.toLowerCase() === 'true' ? registry.list('sink', 'source') : registry.list();
      return plugins.map(({ class: className, kind, version }) => ({ class: className, type: kind, version }));
    },
  );

  app.get<Plugin & { Querystring: { version?: QueryValue } }>(
    '/connector-plugins/:plugin/config',
    operation({
      id: 'getPluginConfig',
      tag: 'Plugins',
      summary: 'The keys that a plugin takes, of any kind',
      query: {
        version: { description: 'A version, or a range such as `[1.0,2.0)`. Default: the newest.', schema: STRING },
      },
      answers: {
        200: json(listOf(ref('ConfigKeyInfo')), 'Its own keys, and those that all connectors of its kind have.'),
        400: 'It is not there in such a version.',
        404: 'There is no such plugin.',
      },
    }),
    async ({ params, query }) => {
      const plugin = registry.find(PLUGIN_KINDS, params.plugin, firstOf(query.version));
      if (!plugin) throw new NotFoundError(`Unknown plugin ${params.plugin}.`);
      return pluginConfig(plugin);
    },
  );

  app.put<Plugin>(
    '/connector-plugins/:plugin/config/validate',
    operation({
      id: 'validateConfig',
      tag: 'Plugins',
      summary: "Check a connector's config",
      body: {
        description: 'Its `connector.class` must name the plugin of the path.',
        schema: { ...ref('ConfigInput'), minProperties: 1 },
      },
      answers: {
        200: json(ref('ConfigInfos'), 'Every key with its definition, its value and what is wrong with it.'),
        400: 'The body is no config, or one of another plugin.',
      },
    }),
    async ({ params, body }) => {
      const config = configBody(body, 'The config');
      const included = config['connector.class']?.trim();
      const requested = registry.find(['source', 'sink'], params.plugin);
      if (!included) {
        if (Object.keys(config).length === 0)
          throw new BadRequestError(
            `The config to validate contains no connector type: add "connector.class": "${params.plugin}"`,
          );
        if (!requested) throw new NotFoundError(`Unknown plugin ${params.plugin}.`);
        return withoutClass(await herder.validate({ ...config, 'connector.class': requested.class }));
      }
      const named = registry.find(['source', 'sink'], included);
      if (requested?.class !== named?.class)
        throw new BadRequestError(`Included connector type ${included} does not match request type ${params.plugin}`);
      return herder.validate(config);
    },
  );
};
