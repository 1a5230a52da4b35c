/** The command line makes no sense as it is. */
export class CommandError extends Error {}

const COMMANDS: ReadonlyArray<readonly [usage: string, summary: string]> = [
  ['worker FILE [CONNECTOR...]', 'run a worker with this config, and create these connectors'],
  ['quickstart', 'run a worker that needs no server, with a small market to look at'],
  ['plugins [CLASS...]', 'list the plugins that a worker would have here, or describe some'],
];

/** What there is. @param others the commands that packages bring along */
export function overview(others: Iterable<{ readonly name: string; readonly summary: string }>): string {
  const rows = [...COMMANDS, ...[...others].map(({ name, summary }) => [name, summary] as const)];
  return `Tributary: Kafka Connect for TypeScript.

Usage: tributary COMMAND [ARGUMENT...]

Commands:
${rows.map(([usage, summary]) => `  ${usage.padEnd(28)} ${summary}`).join('\n')}

  --version                    print the version
  COMMAND --help               what a command takes`;
}

/** By command. */
export const HELP: Readonly<Record<string, string>> = {
  worker: `Usage: tributary worker FILE [CONNECTOR...] [--KEY=VALUE...]

Runs a worker until SIGINT (Ctrl-C) or SIGTERM.

  FILE         the worker's config: .properties or a flat JSON object
  CONNECTOR    a connector to create or update at start: .properties, a flat JSON object, or
               {"name": ..., "config": {...}, "initial_state": "RUNNING|PAUSED|STOPPED"}
  --KEY=VALUE  sets a key of the worker's config, over the file's

Keys to know:
  bootstrap.servers         host:port of Kafka, or embedded:FOLDER for a log that needs no server
  listeners                 where the REST API listens, default http://127.0.0.1:8083
  plugin.path               folders to look for plugins in
  offset.flush.interval.ms  how often offsets are stored, default 60000
  log.level                 trace, debug, info, warn or error; log.format is text or json`,
  plugins: `Usage: tributary plugins [CLASS...] [--plugin.path=FOLDERS] [--markdown]

Lists the plugins that a worker started in this folder would find: kind, class, version. With classes or
aliases, describes those with all their config keys.

  --plugin.path=FOLDERS  where else to look, with commas between
  --markdown             a reference of all config keys, of the worker too`,
  quickstart: `Usage: tributary quickstart [--KEY=VALUE...]

Runs a worker on the embedded log in ./data, with a simulated market that flows through a topic and two
transforms into the file data/ticks.jsonl, and shows how fast. Ctrl-C ends it; started again, it goes on.

  --KEY=VALUE  sets a key of the worker's config, such as --listeners=http://127.0.0.1:8084`,
};
