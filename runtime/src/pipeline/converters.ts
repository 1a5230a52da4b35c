import {
  ConfigError,
  type Converter,
  type HeaderConverter,
  type PluginKind,
  type Props,
  parseConfig,
} from '@tributary/api';
import { withPrefix } from '../config/worker-config.ts';
import type { PluginRegistry } from '../plugins/registry.ts';

/** A converter with the class that messages name. */
export interface Named<T> {
  readonly class: string;
  readonly converter: T;
}

export interface Converters {
  readonly key: Named<Converter>;
  readonly value: Named<Converter>;
  readonly header: Named<HeaderConverter>;
  close(): Promise<void>;
}

type Which = 'key' | 'value' | 'header';

async function definitionOf<K extends Extract<PluginKind, 'converter' | 'header_converter'>>(
  registry: PluginRegistry,
  kind: K,
  which: Which,
  connector: Props,
  worker: Props,
) {
  const prefix = `${which}.converter`;
  // A connector that names its converter brings all of its keys; it inherits none of the worker's.
  const props = connector[prefix] === undefined ? worker : connector;
  const name = props[prefix];
  if (name === undefined) throw new ConfigError(`There is no ${prefix}, neither for the connector nor for the worker`);
  const plugin = registry.find([kind], name, props[`${prefix}.plugin.version`]);
  if (!plugin)
    throw new ConfigError(`Invalid value ${name} for configuration ${prefix}: Class ${name} could not be found.`);
  const definition = await plugin.load();
  const { config, errors } = parseConfig(definition.config, {
    ...withPrefix(props, `${prefix}.`),
    'converter.type': which,
  });
  if (errors.size > 0) {
    throw new ConfigError(
      [...errors.values()]
        .flat()
        .map((message) => `${prefix}: ${message}`)
        .join('\n'),
    );
  }
  return { definition, config };
}

/**
 * Makes the converters of a task: the connector's, or else the worker's.
 * @param worker the worker's config with `key.converter` and its like
 * @throws ConfigError
 */
export async function buildConverters(registry: PluginRegistry, connector: Props, worker: Props): Promise<Converters> {
  const key = await definitionOf(registry, 'converter', 'key', connector, worker);
  const value = await definitionOf(registry, 'converter', 'value', connector, worker);
  const header = await definitionOf(registry, 'header_converter', 'header', connector, worker);
  const keyConverter = key.definition.create(key.config, { isKey: true });
  const valueConverter = value.definition.create(value.config, { isKey: false });
  return {
    key: { class: key.definition.class, converter: keyConverter },
    value: { class: value.definition.class, converter: valueConverter },
    header: { class: header.definition.class, converter: header.definition.create(header.config) },
    async close() {
      await keyConverter.close?.();
      await valueConverter.close?.();
    },
  };
}
