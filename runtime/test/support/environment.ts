/**
 * A command to be run as users run it. The test runner loads itself into child processes by NODE_OPTIONS, whatever environment they
 * are given; `env -u` takes that off again and then becomes the command.
 */
export function plainCommand(command: string, args: readonly string[]): readonly [command: string, args: string[]] {
  return ['env', ['-u', 'NODE_OPTIONS', command, ...args]];
}
