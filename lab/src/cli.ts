import { writeFileSync } from 'node:fs';
import { HELP, type LabOptions, labOptions } from './options.ts';
import { report } from './report.ts';
import { run } from './run.ts';

process.exitCode = await main(process.argv.slice(2));

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
  const interrupt = new AbortController();
  process.on('SIGINT', () => {
    if (interrupt.signal.aborted) process.exit(130);
    console.log('Interrupted: what there is so far is checked; again to end at once');
    interrupt.abort();
  });
  const outcome = await run(options, (line) => console.log(line), interrupt.signal);
  console.log(report(outcome));
  if (options.save) writeFileSync(options.save, `${JSON.stringify(outcome, null, 2)}\n`);
  return outcome.violations.length === 0 ? 0 : 1;
}
