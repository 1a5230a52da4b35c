import type { Definition, PluginKind } from '@tributary/api';
import { builtIn } from '../built-in.ts';
import { pluginSection, reference } from '../config/reference.ts';
import { PLUGIN_KINDS } from '../plugins/manifest.ts';
import { openRegistry, type PluginRegistry } from '../plugins/registry.ts';
import { parseArguments } from './arguments.ts';
import { CommandError } from './help.ts';

function list(registry: PluginRegistry): string {
  const plugins = registry.list(...PLUGIN_KINDS);
  const width = Math.max(...plugins.map((plugin) => plugin.class.length));
  return plugins
    .map(({ kind, class: name, version }) => `${kind.padEnd(16)} ${name.padEnd(width)} ${version}`)
    .join('\n');
}

async function definitions(registry: PluginRegistry): Promise<ReadonlyMap<PluginKind, readonly Definition[]>> {
  const loaded = PLUGIN_KINDS.map(async (kind) => {
    const all = await Promise.all(registry.list(kind).map((plugin) => plugin.load()));
    return [kind, all as readonly Definition[]] as const;
  });
  return new Map(await Promise.all(loaded));
}

/** Lists the plugins that a worker started here would have, or describes one. */
export async function runPlugins(args: readonly string[]): Promise<number> {
  const markdown = args.includes('--markdown');
  const { files: names, overrides } = parseArguments(args.filter((arg) => arg !== '--markdown'));
  const pluginPath = (overrides['plugin.path'] ?? '').split(',').filter((path) => path !== '');
  const registry = await openRegistry({ pluginPath, from: [import.meta.dirname, process.cwd()], builtIn });
  for (const problem of registry.problems) console.error(problem);
  for (const name of names) {
    const plugin = registry.find(PLUGIN_KINDS, name);
    if (!plugin) throw new CommandError(`There is no plugin '${name}'. 'tributary plugins' lists them all`);
    console.log(pluginSection((await plugin.load()) as Definition));
  }
  if (names.length === 0) console.log(markdown ? reference(await definitions(registry)).trimEnd() : list(registry));
  return 0;
}
