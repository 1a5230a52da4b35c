/** A short run of the laboratory with fixed seeds; `npm run soak` runs as long as it is told. */
import { skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { labOptions } from '../src/options.ts';
import { type Outcome, run } from '../src/run.ts';

const skip = await skipUnlessAvailable('kafka');

/** What has to be true however slow the machine is: the times that a fault lasts are only the least. */
async function outcomeOf(t: Test, ...args: string[]): Promise<Outcome> {
  const history: string[] = [];
  const options = labOptions(['--minutes', '0.5', '--rate', '2000', '--every', '4', ...args])!;
  const outcome = await run(options, (line) => history.push(line), new AbortController().signal);
  if (outcome.violations.length > 0) t.comment(`What was done:\n${history.join('\n')}`);
  t.same(outcome.violations, []);
  t.ok(outcome.records > 0, `${outcome.records} records were written`);
  return outcome;
}

t.test(
  'two workers on one broker lose no record, and nothing moves without need',
  { skip, timeout: 600_000 },
  async (t) => {
    const { group } = await outcomeOf(t, '--seed', '11', '--workers', '2');
    for (const { what, movedNeedlessly } of group) t.equal(movedNeedlessly, 0, what);
  },
);

t.test(
  'three workers on three brokers, with exactly-once support, lose no record and double none',
  { skip, timeout: 600_000 },
  async (t) => {
    await outcomeOf(t, '--seed', '12', '--brokers', '3', '--workers', '3', '--exactly-once', '--no-facts');
  },
);
