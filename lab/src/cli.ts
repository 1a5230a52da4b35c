import { writeFileSync } from 'node:fs';
import { FEEDS_HELP, type FeedOptions, feedOptions } from './feeds/options.ts';
import { runFeeds } from './feeds/run.ts';
import { HELP, type LabOptions, labOptions } from './options.ts';
import { report } from './report.ts';
import { run } from './run.ts';

const [what, ...others] = process.argv.slice(2);
process.exitCode = what === 'feeds' ? await feeds(others) : await main(process.argv.slice(2));

async function feeds(args: readonly string[]): Promise<number> {
  let options: FeedOptions | null;
  try {
    options = feedOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\nnpm run soak -- feeds --help tells more`);
    return 2;
  }
  if (!options) {
    console.log(FEEDS_HELP);
    return 0;
  }
  console.log(`seed ${options.seed}`);
  const outcomes = await runFeeds(options, (line) => console.log(line), interrupted());
  for (const { preset, kills, sent, withheld, delivered, gaps, violations } of outcomes) {
    console.log(
      `${preset}: ${sent} trades sent, ${withheld} withheld, ${delivered} delivered, ${gaps} gaps told, ${kills} kills: ${violations.length === 0 ? 'all accounted for' : 'WRONG'}`,
    );
    for (const violation of violations) console.log(`  ${violation}`);
  }
  return outcomes.every(({ violations }) => violations.length === 0) ? 0 : 1;
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

async function main(args: readonly string[]): Promise<number> {
  let options: LabOptions | null;
  try {
    options = labOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\nnpm run soak -- --help tells more`);
    return 2;
  }
  if (!options) {
    console.log(HELP);
    return 0;
  }
  console.log(`seed ${options.seed}`);
  const outcome = await run(options, (line) => console.log(line), interrupted());
  console.log(report(outcome));
  if (options.save) writeFileSync(options.save, `${JSON.stringify(outcome, null, 2)}\n`);
  return outcome.violations.length === 0 ? 0 : 1;
}
