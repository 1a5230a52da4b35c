import { discoverPlugins } from '../plugins/discovery.ts';
import { type Command, loadCommand } from '../plugins/loader.ts';

/** A command that a package brings along. */
export interface PluginCommand {
  readonly name: string;
  readonly summary: string;
  /** @throws ConfigError */
  load(): Promise<Command>;
}

/** The commands of the packages that a worker started here would find in node_modules, by name. Nothing of them is loaded. */
export function pluginCommands(): ReadonlyMap<string, PluginCommand> {
  const { found } = discoverPlugins([], [import.meta.dirname, process.cwd()]);
  const commands = found.flatMap((one) =>
    one.type === 'package'
      ? (one.manifest.commands ?? []).map(({ name, summary, module }) => ({
          name,
          summary,
          load: () => loadCommand(one.folder, name, module),
        }))
      : [],
  );
  return new Map(commands.toReversed().map((command) => [command.name, command]));
}
