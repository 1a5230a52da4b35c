/**
 * Compares the converters with Kafka Connect's own on values and bytes made by chance. TRIBUTARY_CASES sets how many each converter
 * gets in each direction (default 2000); TRIBUTARY_SEED=random tries others than every run has and says which, a number repeats them;
 * TRIBUTARY_DIFFERENCES names a file for all that differ.
 */
import { writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { askJava } from '../../../transforms/test/oracle/oracle.ts';
import { acceptedReason } from './generated/accepted.ts';
import { attempt, type Case, casesOf, failed, type Outcome, shown } from './generated/cases.ts';
import { SUITES } from './generated/suites.ts';

const { TRIBUTARY_SEED: given = '1' } = process.env;
const seed = given === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(given);
const cases = Number(process.env.TRIBUTARY_CASES ?? 2000);
/** What one run of Java is asked. */
const ROUND = 2500;

interface Tally {
  count: number;
  accepted: number;
  readonly different: object[];
}
const tallies = new Map<string, Tally>();

function tallyOf({ suite, direction }: Case): Tally {
  const name = `${suite.class.slice(suite.class.lastIndexOf('.') + 1)} ${JSON.stringify(suite.configs[0])} ${direction}`;
  const tally = tallies.get(name) ?? { count: 0, accepted: 0, different: [] };
  tallies.set(name, tally);
  return tally;
}

async function round(seed: number, size: number): Promise<void> {
  const all = SUITES.flatMap((suite, i) => casesOf(suite, seed + 1000 * i, size));
  const answers = await askJava(all.map(({ ask }) => ask));
  for (const [i, one] of all.entries()) {
    const tally = tallyOf(one);
    tally.count++;
    const answer = answers[i]!;
    const java: Outcome =
      answer.error === undefined
        ? { result: one.expected(answer) }
        : { result: failed, message: `${answer.error}: ${answer.message}` };
    const ours = attempt(one.ours);
    if (isDeepStrictEqual(ours.result, java.result)) continue;
    const { suite, props, direction, text, ask } = one;
    const difference = { class: suite.class, props, direction, text, java, ours };
    if (acceptedReason(difference) !== undefined) tally.accepted++;
    else tally.different.push({ ...shown(difference), ask });
  }
}

t.test(`as in Java, with TRIBUTARY_SEED=${seed} and ${cases} cases for each converter and direction`, async (t) => {
  t.comment(`TRIBUTARY_SEED=${seed} TRIBUTARY_CASES=${cases}`);
  for (let done = 0; done < cases; done += ROUND) await round(seed + done, Math.min(ROUND, cases - done));
  for (const [name, { count, accepted, different }] of tallies) {
    t.ok(count >= cases, `${name}: ${count} cases`);
    t.equal(different.length, 0, `of them ${accepted} differ on purpose, none otherwise`, {
      different: different.slice(0, 3),
    });
  }
  if (process.env.TRIBUTARY_DIFFERENCES) {
    const lines = [...tallies].flatMap(([name, { different }]) => different.map((d) => JSON.stringify({ name, ...d })));
    await writeFile(process.env.TRIBUTARY_DIFFERENCES, lines.join('\n'));
  }
});
