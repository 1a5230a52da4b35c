/** How soon a worker is up, and its first record at the destination, ours beside Java's standalone and distributed ones. */
import { sideBySideOptions } from './side-by-side/options.ts';
import { save, setting } from './side-by-side/results.ts';
import { type Contestant, inTurn, type Run, runOnce } from './side-by-side/run.ts';
import { scenariosNamed } from './side-by-side/scenarios.ts';
import { withStage } from './side-by-side/stage.ts';
import { START_COLUMNS, summarize, table } from './side-by-side/summary.ts';

const DEFAULTS = { records: 1_000, runs: 5, save: 'start' };
const SCENARIO_NAMES = ['file-to-topic', 'topic-to-file'];

/** `group.initial.rebalance.delay.ms`: how long a broker lets a new group wait for further members. 3000 is Kafka's default. */
const REBALANCE_DELAYS_MS = [3_000, 0];

const standalone: Contestant = { name: 'java standalone', worker: 'java' };
const distributed: Contestant = { name: 'java distributed', worker: 'java-distributed' };
const ours: Contestant = { name: 'tributary', worker: 'tributary' };
const control: Contestant = { name: 'tributary again', worker: 'tributary' };

export const START_HELP = `npm run bench -- start [options]

From the start of the process to the first answer of the REST API and to the first record at the destination, on a broker with
group.initial.rebalance.delay.ms=3000 (Kafka's default) and on one with 0. Every worker starts for the first time, its internal
topics included. Prints medians and writes all figures to bench/results/<date>-<save>.json.

  --records N        records in the input (${DEFAULTS.records.toLocaleString('en')})
  --runs N           runs of each (${DEFAULTS.runs})
  --only NAME,...    scenarios, as of connect (${SCENARIO_NAMES.join(',')})
  --alone            our worker only, as for a profile
  --save WHAT        the last part of the name of the results (${DEFAULTS.save})
  --java-heap-mb N   Java's -Xmx (512)
  --node-arg ARG     for our worker's Node, repeatable`;

export async function startBench(args: readonly string[]): Promise<void> {
  const options = sideBySideOptions(args, DEFAULTS);
  const scenarios = scenariosNamed(options.only.length === 0 ? SCENARIO_NAMES : options.only);
  const contestants = options.alone ? [ours] : [standalone, distributed, ours, control];
  const where = await setting();
  const runs: Run[] = [];
  const { records, workerOptions } = options;
  for (const delayMs of REBALANCE_DELAYS_MS) {
    const brokerProperties = { 'group.initial.rebalance.delay.ms': delayMs };
    await withStage({ records, workerOptions, brokerProperties }, async (stage) => {
      for (const scenario of scenarios) {
        for (let round = 0; round < options.runs; round++) {
          for (const contestant of inTurn(contestants, round)) {
            const run = await runOnce(stage, scenario, contestant, round);
            runs.push({ ...run, scenario: `${scenario.name}, delay ${delayMs}` });
            const { restSeconds, firstSeconds } = run.figures;
            console.error(
              `${scenario.name}, delay ${delayMs}, ${contestant.name}, run ${round + 1} of ${options.runs}: REST after ${restSeconds.toFixed(2)} s, first record after ${firstSeconds.toFixed(2)} s`,
            );
          }
        }
      }
    });
  }
  const summary = summarize(runs, [
    { of: ours, to: standalone },
    { of: ours, to: distributed },
    { of: control, to: ours },
  ]);
  console.log(table(summary, START_COLUMNS));
  console.log(`\nAll figures: ${await save(options.save, { ...where, options, scenarios, summary, runs })}`);
}
