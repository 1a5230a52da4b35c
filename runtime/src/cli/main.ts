import { messageOf } from '@tributary/api';
import { TRIBUTARY_VERSION } from '../version.ts';
import { CommandError, HELP } from './help.ts';
import { runPlugins } from './plugins.ts';
import { runQuickstart } from './quickstart.ts';
import { runWorker } from './worker.ts';

type Command = (args: readonly string[]) => Promise<number>;

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
    console.log(HELP['']);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command)
    throw new CommandError(`There is no command '${name}'. The commands are: ${Object.keys(COMMANDS).join(', ')}`);
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
