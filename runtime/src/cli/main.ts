import { messageOf } from '@tributary/api';
import type { Command } from '../plugins/loader.ts';
import { TRIBUTARY_VERSION } from '../version.ts';
import { CommandError, HELP, overview } from './help.ts';
import { pluginCommands } from './plugin-commands.ts';
import { runPlugins } from './plugins.ts';
import { runQuickstart } from './quickstart.ts';
import { runWorker } from './worker.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  plugins: runPlugins,
  worker: runWorker,
  quickstart: runQuickstart,
};

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === '--version' || name === '-v') {
    console.log(TRIBUTARY_VERSION);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(overview(pluginCommands().values()));
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    const others = pluginCommands();
    const own = others.get(name);
    if (own) return (await own.load())(args);
    const names = [...Object.keys(COMMANDS), ...others.keys()];
    throw new CommandError(`There is no command '${name}'. The commands are: ${names.join(', ')}`);
  }
  if (args.includes('--help') || args.includes('-h')) {
    console.log(HELP[name]);
    return 0;
  }
  return command(args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`tributary: ${messageOf(error)}`);
  if (error instanceof CommandError) console.error("Try 'tributary --help'.");
  process.exitCode = error instanceof CommandError ? 2 : 1;
}
