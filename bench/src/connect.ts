/** Our worker beside Java's: the same work, on one broker, in one run, in turns, each time from a cold process. */
import { sideBySideOptions } from './side-by-side/options.ts';
import { save, setting } from './side-by-side/results.ts';
import { type Contestant, checkSame, inTurn, type Run, runOnce } from './side-by-side/run.ts';
import { SCENARIOS, scenariosNamed } from './side-by-side/scenarios.ts';
import { withStage } from './side-by-side/stage.ts';
import { summarize, table } from './side-by-side/summary.ts';

const DEFAULTS = { records: 1_000_000, runs: 3, save: 'connect' };

const java: Contestant = { name: 'java', worker: 'java' };
const ours: Contestant = { name: 'tributary', worker: 'tributary' };
const control: Contestant = { name: 'tributary again', worker: 'tributary' };

export const CONNECT_HELP = `npm run bench -- connect [options]

Java's Connect worker (standalone) and ours do the same work in turns; our worker takes part twice, so that its distance from
itself shows the noise. Prints medians and writes all figures to bench/results/<date>-<save>.json.

  --records N        records per run (${DEFAULTS.records.toLocaleString('en')})
  --runs N           runs of each (${DEFAULTS.runs})
  --only NAME,...    scenarios (those without a star):
${SCENARIOS.map(({ name, what, extra }) => `                       ${extra ? '*' : ' '} ${name.padEnd(25)} ${what}`).join('\n')}
  --alone            our worker only, as for a profile
  --save WHAT        the last part of the name of the results (${DEFAULTS.save})
  --java-heap-mb N   Java's -Xmx (512)
  --node-arg ARG     for our worker's Node, repeatable, such as --node-arg=--cpu-prof --node-arg=--cpu-prof-dir=/some/folder`;

export async function connectBench(args: readonly string[]): Promise<void> {
  const options = sideBySideOptions(args, DEFAULTS);
  const scenarios = scenariosNamed(options.only);
  const contestants = options.alone ? [ours] : [java, ours, control];
  const where = await setting();
  const runs: Run[] = [];
  const { records, workerOptions } = options;
  await withStage({ records, workerOptions, brokerProperties: {} }, async (stage) => {
    for (const scenario of scenarios) {
      for (let round = 0; round < options.runs; round++) {
        for (const contestant of inTurn(contestants, round)) {
          const run = await runOnce(stage, scenario, contestant, round);
          runs.push(run);
          const { doneSeconds, cpuSeconds, loadBefore } = run.figures;
          console.error(
            `${scenario.name}, ${contestant.name}, run ${round + 1} of ${options.runs}: done after ${doneSeconds.toFixed(1)} s with ${cpuSeconds.toFixed(1)} s of CPU; load before ${loadBefore.toFixed(1)}`,
          );
        }
      }
      checkSame(runs);
    }
  });
  const summary = summarize(runs, [
    { of: ours, to: java },
    { of: control, to: ours },
  ]);
  console.log(table(summary));
  console.log(`\nAll figures: ${await save(options.save, { ...where, options, scenarios, summary, runs })}`);
}
