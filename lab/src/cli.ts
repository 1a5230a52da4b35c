import { writeFileSync } from 'node:fs';
import { FEEDS_HELP, type FeedOptions, feedOptions } from './feeds/options.ts';
import { runFeeds } from './feeds/run.ts';
import { HELP, type LabOptions, labOptions } from './options.ts';
import { report } from './report.ts';
import { run } from './run.ts';

interface Command<O extends { readonly seed: number }> {
  readonly call: string;
  readonly help: string;
  /** @throws Error that says what is wrong with the arguments; null: help is wanted */
  parse(args: readonly string[]): O | null;
  /** @returns whether all was as it must be */
  run(options: O, log: (line: string) => void, interrupt: AbortSignal): Promise<boolean>;
}

const soak: Command<LabOptions> = {
  call: 'npm run soak --',
  help: HELP,
  parse: labOptions,
  async run(options, log, interrupt) {
    const outcome = await run(options, log, interrupt);
    log(report(outcome));
    if (options.save) writeFileSync(options.save, `${JSON.stringify(outcome, null, 2)}\n`);
    return outcome.violations.length === 0;
  },
};

const feeds: Command<FeedOptions> = {
  call: 'npm run soak -- feeds',
  help: FEEDS_HELP,
  parse: feedOptions,
  async run(options, log, interrupt) {
    const outcomes = await runFeeds(options, log, interrupt);
    for (const { preset, kills, sent, withheld, delivered, gaps, violations } of outcomes) {
      log(
        `${preset}: ${sent} trades sent, ${withheld} withheld, ${delivered} delivered, ${gaps} gaps told, ${kills} kills: ${violations.length === 0 ? 'all accounted for' : 'WRONG'}`,
      );
      for (const violation of violations) log(`  ${violation}`);
    }
    return outcomes.every(({ violations }) => violations.length === 0);
  },
};

const args = process.argv.slice(2);
process.exitCode = args[0] === 'feeds' ? await execute(feeds, args.slice(1)) : await execute(soak, args);

/** @returns the exit code: 2 for wrong arguments, 1 if something was not as it must be */
async function execute<O extends { readonly seed: number }>(
  { call, help, parse, run }: Command<O>,
  args: readonly string[],
): Promise<number> {
  let options: O | null;
  try {
    options = parse(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${call} --help tells more`);
    return 2;
  }
  if (!options) {
    console.log(help);
    return 0;
  }
  console.log(`seed ${options.seed}`);
  return (await run(options, (line) => console.log(line), interrupted())) ? 0 : 1;
}

/** Aborts with Ctrl-C; a second one ends the process. */
function interrupted(): AbortSignal {
  const interrupt = new AbortController();
  process.on('SIGINT', () => {
    if (interrupt.signal.aborted) process.exit(130);
    console.log('Interrupted: what there is so far is checked; again to end at once');
    interrupt.abort();
  });
  return interrupt.signal;
}
