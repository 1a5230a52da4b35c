import type { ConfigDef, ConfigKey, Definition, PluginKind } from '@tributary/api';
import { commonConfig, sinkConfig, sourceConfig } from './connector-config.ts';
import { valueText } from './describe.ts';
import { ownKeys } from './own-keys.ts';
import { workerConfig } from './worker-config.ts';

/** What tells the values that a key takes, beside its type. */
function rules({ oneOf, min, max, nonEmpty }: ConfigKey): string {
  if (oneOf) return `one of ${oneOf.map((value) => `\`${value}\``).join(', ')}`;
  if (min !== null && max !== null) return `${min} to ${max}`;
  if (min !== null) return `at least ${min}`;
  if (max !== null) return `at most ${max}`;
  return nonEmpty ? 'not empty' : '';
}

function defaultText(key: ConfigKey): string {
  if (key.required) return 'required';
  const text = valueText(key, key.default);
  if (text === null) return '';
  return text === '' ? 'empty' : `\`${text}\``;
}

/** A cell of a table: on one line, without what would end it. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ');

/** The keys of a definition as a table. */
export function keyTable(def: ConfigDef): string {
  const keys = Object.entries(def);
  if (keys.length === 0) return 'It has no keys of its own.\n';
  const rows = keys.map(([name, key]) => {
    const type = [key.type.toLowerCase(), rules(key)].filter((part) => part !== '').join(', ');
    return `| \`${name}\` | ${cell(type)} | ${cell(defaultText(key))} | ${key.importance} | ${cell(key.doc)} |`;
  });
  return ['| key | type | default | importance | |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

const TITLES: Readonly<Record<PluginKind, string>> = {
  source: 'Sources',
  sink: 'Sinks',
  transformation: 'Transforms',
  predicate: 'Predicates',
  converter: 'Converters',
  header_converter: 'Header converters',
  config_provider: 'Config providers',
  rest_extension: 'REST extensions',
};

/** One plugin: what it is for, how it is named, its keys. */
export function pluginSection({ class: className, doc, config, version }: Definition): string {
  return [`### \`${className}\``, ...(doc ? [doc] : []), `Version ${version}.`, keyTable(config)].join('\n\n');
}

/** Transforms come in pairs with the same keys: one section tells of both. */
function merged(definitions: readonly Definition[]): readonly Definition[] {
  const keyForm = /\$Key$/;
  const classes = new Set(definitions.map((definition) => definition.class));
  return definitions
    .filter(
      (definition) => !(keyForm.test(definition.class) && classes.has(definition.class.replace(keyForm, '$Value'))),
    )
    .map((definition) => {
      const both = definition.class.replace(/\$Value$/, '');
      return classes.has(`${both}$Key`) && both !== definition.class
        ? ({ ...definition, class: `${both}$Key\`, \`${both}$Value` } as Definition)
        : definition;
    });
}

/** The reference of all config keys, in Markdown: of the worker, of every connector, and of these plugins. */
export function reference(plugins: ReadonlyMap<PluginKind, readonly Definition[]>): string {
  const parts = [
    '# Reference of config keys',
    'Generated from the definitions by `npm run docs`; a test holds it against them.',
    '## Worker',
    "Besides these, the keys of Kafka's clients (`security.protocol`, `sasl.*`, `ssl.*` ...), also under `producer.`, `consumer.` and `admin.`.",
    keyTable(workerConfig),
    '## Every connector',
    keyTable(commonConfig),
    `Besides, for the connector alone, these keys of the worker: ${Object.keys(ownKeys)
      .map((name) => `\`${name}\``)
      .join(', ')}.`,
    '## Every source',
    'Those of the dead letter queue of sinks, too.',
    keyTable(sourceConfig),
    '## Every sink',
    keyTable(sinkConfig),
  ];
  for (const [kind, definitions] of plugins) {
    if (definitions.length === 0) continue;
    parts.push(`## ${TITLES[kind]}`, ...merged(definitions).map(pluginSection));
  }
  return `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`;
}
