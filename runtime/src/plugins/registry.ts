import type {
  ConfigProviderDefinition,
  ConverterDefinition,
  Definition,
  HeaderConverterDefinition,
  PluginKind,
  PredicateDefinition,
  RestExtensionDefinition,
  SinkDefinition,
  SourceDefinition,
  TransformDefinition,
} from '@tributary/api';
import { ConfigError, messageOf } from '@tributary/api';
import { aliasesOf } from './aliases.ts';
import { discoverPlugins } from './discovery.ts';
import { loadFromPackage, loadModule } from './loader.ts';
import { PLUGIN_KINDS, WORKER_KINDS } from './manifest.ts';
import { parseVersionRange } from './version.ts';

export interface DefinitionOf {
  source: SourceDefinition;
  sink: SinkDefinition;
  transformation: TransformDefinition;
  predicate: PredicateDefinition;
  converter: ConverterDefinition;
  header_converter: HeaderConverterDefinition;
  rest_extension: RestExtensionDefinition;
  config_provider: ConfigProviderDefinition;
}

/** A plugin as far as it is known without loading it. */
export interface Plugin<K extends PluginKind = PluginKind> {
  readonly kind: K;
  readonly class: string;
  readonly names: readonly string[];
  readonly version: string;
  /** Where it was found: a folder, a file, or `built-in`. */
  readonly location: string;
  /** Loads it at first use. @throws ConfigError */
  load(): Promise<DefinitionOf[K]>;
}

/** Which plugins there are, by kind, name and version. */
export interface PluginRegistry {
  /**
   * In the order of the REST API: sinks, sources, transformations, predicates, converters, header converters; by class.
   * Config providers and REST extensions only if they are asked for.
   */
  list(...kinds: readonly PluginKind[]): readonly Plugin[];
  /** By class or alias; the newest version within the range. @returns undefined if there is none @throws ConfigError if the alias is ambiguous */
  find<K extends PluginKind>(kinds: readonly K[], name: string, versionRange?: string): Plugin<K> | undefined;
  /** What was found on the way but cannot be used. */
  readonly problems: readonly string[];
}

function pluginOf(definition: Definition, location: string): Plugin {
  return {
    kind: definition.kind,
    class: definition.class,
    names: [definition.class, ...aliasesOf(definition.kind, definition.class), ...definition.aliases],
    version: definition.version,
    location,
    load: async () => definition as DefinitionOf[PluginKind],
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

export interface RegistryOptions {
  readonly pluginPath: readonly string[];
  /** Folders whose node_modules, and those above them, are searched. */
  readonly from: readonly string[];
  /** Definitions that come with the runtime. */
  readonly builtIn: readonly Definition[];
}

/** Finds the plugins. Only lone modules are loaded on the way, since nothing else tells what is in them. */
export async function openRegistry(options: RegistryOptions): Promise<PluginRegistry> {
  const { found, problems } = discoverPlugins(options.pluginPath, options.from);
  const plugins = options.builtIn.map((definition) => pluginOf(definition, 'built-in'));
  const broken = [...problems];
  for (const item of found) {
    if (item.type === 'module') {
      try {
        plugins.push(...(await loadModule(item.file)).map((definition) => pluginOf(definition, item.file)));
      } catch (error) {
        broken.push(messageOf(error));
      }
      continue;
    }
    for (const entry of item.manifest.plugins) {
      plugins.push({
        kind: entry.kind,
        class: entry.class,
        names: [entry.class, ...aliasesOf(entry.kind, entry.class), ...(entry.aliases ?? [])],
        version: entry.version,
        location: item.folder,
        load: once(
          async () =>
            (await loadFromPackage(
              item.folder,
              entry.class,
              entry.module,
              entry.export ?? 'default',
            )) as DefinitionOf[PluginKind],
        ),
      });
    }
  }
  return registryOf(plugins, broken);
}

/** A registry of given plugins. */
export function registryOf(plugins: readonly Plugin[], problems: readonly string[] = []): PluginRegistry {
  const order = (plugin: Plugin): number => PLUGIN_KINDS.indexOf(plugin.kind);
  const sorted = [...plugins].sort(
    (a, b) => order(a) - order(b) || (a.class < b.class ? -1 : a.class > b.class ? 1 : 0),
  );
  return {
    problems,
    list: (...kinds) =>
      sorted.filter(({ kind }) => (kinds.length === 0 ? !WORKER_KINDS.includes(kind) : kinds.includes(kind))),
    find<K extends PluginKind>(kinds: readonly K[], name: string, versionRange?: string): Plugin<K> | undefined {
      const named = sorted.filter((plugin) => kinds.includes(plugin.kind as K) && plugin.names.includes(name));
      const classes = new Set(named.map((plugin) => plugin.class));
      const candidates = classes.has(name) ? named.filter((plugin) => plugin.class === name) : named;
      if (!classes.has(name) && classes.size > 1) {
        throw new ConfigError(
          `More than one plugin matches the alias ${name}: ${[...classes].join(', ')}. Please use the full class name`,
        );
      }
      if (candidates.length === 0) return undefined;
      const range = versionRange === undefined ? undefined : parseVersionRange(versionRange);
      const inRange = range ? candidates.filter((plugin) => range.contains(plugin.version)) : candidates;
      if (inRange.length === 0) {
        throw new ConfigError(
          `Plugin ${candidates[0]!.class} not found that matches the version range ${range!.text}, available versions: [${candidates.map((plugin) => plugin.version).join(', ')}]`,
        );
      }
      return inRange.at(-1) as Plugin<K>;
    },
  };
}
