import type { ConfigDef, ConfigKey } from '@tributary/api';
import { commonConfig, sinkConfig, sourceConfig } from '../config/connector-config.ts';
import type { Plugin, PluginRegistry } from '../plugins/registry.ts';
import type { JsonSchema } from './schemas.ts';

/** Whatever a value of a config may be: numbers and booleans are taken as their text. */
const SCALAR: JsonSchema = { type: ['string', 'number', 'boolean'] };
/** With something in it that is no white space. */
const FILLED = '[^\\s\\ufeff]';

/** Those that come with Kafka, and so are part of the contract. Others have keys that depend on each other, and on servers. */
const OF_KAFKA = /^org\.apache\.kafka\.connect\./;

/**
 * The configs of Kafka's own connectors, by class, as far as values can be told right or wrong one by one. What the values of several keys
 * mean together (transforms, converters, topics.regex) the worker checks; they are further keys here.
 */
export async function connectorSchemas(registry: PluginRegistry): Promise<Readonly<Record<string, JsonSchema>>> {
  const connectors = registry.list('source', 'sink').filter((plugin) => OF_KAFKA.test(plugin.class));
  return Object.fromEntries(await Promise.all(connectors.map(schemaOf)));
}

async function schemaOf(plugin: Plugin): Promise<readonly [name: string, schema: JsonSchema]> {
  const { kind, class: className } = plugin;
  const { config, doc } = await plugin.load();
  const general: ConfigDef = { ...commonConfig, ...(kind === 'sink' ? sinkConfig : sourceConfig) };
  const shown = [
    ...Object.entries(config).filter(([, key]) => key.required),
    ...Object.entries(general).filter(([name]) => ALONE.has(name)),
  ];
  const properties = {
    'connector.class': { const: className },
    ...(kind === 'sink' && { topics: TOPICS }),
    ...Object.fromEntries(shown.map(([name, key]) => [name, keySchema(key)])),
  };
  const required = shown.flatMap(([name, key]) => (key.required ? [name] : []));
  return [
    className.slice(className.lastIndexOf('.') + 1).replace(/[^\w.-]/g, '_'),
    {
      type: 'object',
      ...(doc && { description: doc }),
      required: ['connector.class', ...(kind === 'sink' ? ['topics'] : []), ...required],
      properties,
      additionalProperties: SCALAR,
    },
  ];
}

/** Keys of all connectors whose values mean the same whatever the others are, and cost nothing. */
const ALONE: ReadonlySet<string> = new Set([
  'tasks.max.enforce',
  'config.action.reload',
  'errors.retry.timeout',
  'errors.retry.delay.max.ms',
  'errors.tolerance',
  'errors.log.enable',
  'errors.log.include.messages',
]);

const TOPICS: JsonSchema = {
  description: 'The topics to read, with commas between. topics.regex may be given in its place.',
  type: ['string', 'number', 'boolean'],
  pattern: '^[A-Za-z0-9._-]+(,[A-Za-z0-9._-]+)*$',
};

function keySchema(key: ConfigKey): JsonSchema {
  const { doc, default: value } = key;
  const shown =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
  return { description: doc, ...(shown !== undefined && shown !== '' && { default: shown }), ...valueSchema(key) };
}

/** What fits one key; of numbers as text only those that are surely within the bounds. */
function valueSchema({ type, oneOf, nonEmpty, min, max }: ConfigKey): JsonSchema {
  switch (type) {
    case 'BOOLEAN':
      return { enum: [true, false, 'true', 'false'] };
    case 'INT':
    case 'SHORT':
    case 'LONG':
    case 'DOUBLE': {
      const [low, high] = [min ?? LOWEST[type], max ?? HIGHEST[type]];
      const number = { type: type === 'DOUBLE' ? 'number' : 'integer', minimum: low, maximum: high };
      const digits = Math.floor(Math.log10(Math.max(high, 1)));
      return low > 1 || digits < 1
        ? number
        : { anyOf: [number, { type: 'string', pattern: `^[1-9][0-9]{0,${digits - 1}}$` }] };
    }
    default:
      if (oneOf && type !== 'LIST') return { enum: oneOf };
      return nonEmpty ? { type: ['string', 'number', 'boolean'], pattern: FILLED } : SCALAR;
  }
}

const LOWEST = { INT: -(2 ** 31), SHORT: -(2 ** 15), LONG: Number.MIN_SAFE_INTEGER, DOUBLE: -1e15 } as const;
const HIGHEST = { INT: 2 ** 31 - 1, SHORT: 2 ** 15 - 1, LONG: Number.MAX_SAFE_INTEGER, DOUBLE: 1e15 } as const;
