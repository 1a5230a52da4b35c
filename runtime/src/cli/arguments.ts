import { CommandError } from './help.ts';

export interface Arguments {
  readonly files: readonly string[];
  /** Of `--key=value` arguments. */
  readonly overrides: Readonly<Record<string, string>>;
}

/** Splits a command line into files and `--key=value` settings. @throws CommandError */
export function parseArguments(args: readonly string[]): Arguments {
  const files: string[] = [];
  const overrides: Record<string, string> = {};
  for (const arg of args) {
    if (!arg.startsWith('-')) {
      files.push(arg);
      continue;
    }
    const match = /^--([^=\s]+)=([\s\S]*)$/.exec(arg);
    if (!match) throw new CommandError(`'${arg}' is not understood; settings are written --key=value`);
    overrides[match[1]!] = match[2]!;
  }
  return { files, overrides };
}
