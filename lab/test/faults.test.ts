/** A short run of the laboratory with fixed seeds; `npm run soak` runs as long as it is told. */
import { skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { labOptions } from '../src/options.ts';
import { run } from '../src/run.ts';

const skip = await skipUnlessAvailable('kafka');

/** What has to be true however slow the machine is: the times that a fault lasts are only the least. */
async function violationsOf(t: Test, ...args: string[]): Promise<readonly string[]> {
  const history: string[] = [];
  const options = labOptions(['--minutes', '0.5', '--rate', '2000', '--every', '4', ...args])!;
  const { violations, records } = await run(options, (line) => history.push(line), new AbortController().signal);
  if (violations.length > 0) t.comment(`What was done:\n${history.join('\n')}`);
  t.ok(records > 0, `${records} records were written`);
  return violations;
}

t.test('no record is lost on one broker, whatever goes wrong', { skip, timeout: 600_000 }, async (t) => {
  t.same(await violationsOf(t, '--seed', '11', '--workers', '1'), []);
});

t.test(
  'no record is lost or doubled on three brokers with exactly-once support',
  { skip, timeout: 600_000 },
  async (t) => {
    t.same(await violationsOf(t, '--seed', '12', '--brokers', '3', '--workers', '1', '--exactly-once'), []);
  },
);
