/** What each placement of tasks costs, and what it keeps away from others. */
import { sideBySideOptions } from '../side-by-side/options.ts';
import { save, setting } from '../side-by-side/results.ts';
import { type Contestant, checkSame, inTurn, type Run, runOnce } from '../side-by-side/run.ts';
import { scenariosNamed } from '../side-by-side/scenarios.ts';
import { withStage } from '../side-by-side/stage.ts';
import { summarize, table } from '../side-by-side/summary.ts';
import { type ManyTasks, manyTasks } from './many-tasks.ts';
import { type Neighbour, neighbour } from './neighbour.ts';
import { PLACES } from './worker.ts';

const DEFAULTS = { records: 1_000_000, runs: 3, save: 'isolation' };
const SCENARIO_NAMES = ['file-to-topic', 'topic-to-file'];
const TASKS = 20;

const contestants: readonly Contestant[] = PLACES.map((place) => ({
  name: place,
  worker: 'tributary',
  workerProps: { 'task.isolation': place },
}));

export const ISOLATION_HELP = `npm run bench -- isolation [options]

task.isolation=shared, thread and process in turns, on one Kafka: throughput and CPU of one task, the cost of ${TASKS} tasks that do
nothing, and the latency of a neighbour in the worker's thread while a plugin in a thread or process of its own loops. Writes all
figures to bench/results/<date>-<save>.json.

  --records N        records per run (${DEFAULTS.records.toLocaleString('en')})
  --runs N           runs of each (${DEFAULTS.runs})
  --only NAME,...    scenarios, as of connect (${SCENARIO_NAMES.join(',')})
  --save WHAT        the last part of the name of the results (${DEFAULTS.save})`;

export async function isolationBench(args: readonly string[]): Promise<void> {
  const options = sideBySideOptions(args, DEFAULTS);
  const scenarios = scenariosNamed(options.only.length === 0 ? SCENARIO_NAMES : options.only);
  const where = await setting();
  const runs: Run[] = [];
  const many: ManyTasks[] = [];
  const neighbours: Neighbour[] = [];
  const { records, workerOptions } = options;
  await withStage(
    { records, workerOptions, brokerProperties: { 'group.initial.rebalance.delay.ms': 0 } },
    async (stage) => {
      for (let round = 0; round < options.runs; round++) {
        for (const loops of [null, 'thread', 'process'] as const) neighbours.push(await neighbour(stage, loops));
        for (const place of PLACES) many.push(await manyTasks(stage, place, TASKS));
        for (const scenario of scenarios)
          for (const contestant of inTurn(contestants, round))
            runs.push(await runOnce(stage, scenario, contestant, round));
        console.error(`round ${round + 1} of ${options.runs}`);
      }
      checkSame(runs);
    },
  );
  const [shared, ...others] = contestants;
  const summary = summarize(
    runs,
    others.map((of) => ({ of, to: shared! })),
  );
  console.log(table(summary));
  console.table(
    many.map(({ place, startCpuSeconds, startSeconds, bytes, idleCpuMs }) => ({
      place,
      'start CPU s': startCpuSeconds.toFixed(3),
      'start s': startSeconds.toFixed(3),
      MB: (bytes / 1e6).toFixed(1),
      'idle CPU ms/s': idleCpuMs.toFixed(2),
    })),
  );
  console.table(neighbours);
  console.log(
    `\nAll figures: ${await save(options.save, { ...where, options, scenarios, summary, runs, many, neighbours })}`,
  );
}
