/** Trades from a WebSocket into Kafka, by our source and by a bare loop. */
import { chosen, flowOptions } from './side-by-side/options.ts';
import { save, setting } from './side-by-side/results.ts';
import { inTurn } from './side-by-side/run.ts';
import { withStage } from './side-by-side/stage.ts';
import { CONTESTANTS, SCENARIOS, type ScenarioName } from './sources/contestant.ts';
import { runOnce, type SourceRun } from './sources/run.ts';
import { sourcesTable } from './sources/tables.ts';

const SCENARIO_NAMES = Object.keys(SCENARIOS) as readonly ScenarioName[];
const DEFAULTS = { records: 1_000_000, runs: 3, rate: 17_000, seconds: 30, symbols: 100, save: 'sources' };

export const SOURCES_HELP = `npm run bench -- sources [options]

Trades of some 200 bytes from a WebSocket (Binance's combined streams) into a topic of four partitions: by our source in a worker with one
task, by the same with exactly-once, and by a loop of ws and kafkajs that does no more than it must; feed, broker and contestant on this
machine. First at a fixed rate, with the time from the feed's sending until a record can be read, then as fast as it goes. Each run is
checked: every trade once and in order. Writes all figures to bench/results/<date>-<save>.json.

  --only NAME,...    preset (ticks by the preset binance), generic (records.path and its like); both
  --by NAME,...      contestants (${CONTESTANTS.join(',')})
  --records N        trades as fast as it goes (${DEFAULTS.records.toLocaleString('en')})
  --rate N           trades a second at the fixed rate (${DEFAULTS.rate.toLocaleString('en')}: a million a minute)
  --seconds N        how long, after ten to warm up (${DEFAULTS.seconds})
  --symbols N        different symbols (${DEFAULTS.symbols})
  --runs N           runs of each (${DEFAULTS.runs})
  --set KEY=VALUE    of our source's config
  --save WHAT        the last part of the name of the results (${DEFAULTS.save})
  --node-arg ARG     for the contestants' Node.js, such as --cpu-prof`;

export async function sourcesBench(args: readonly string[]): Promise<void> {
  const options = sourcesOptions(args);
  const where = await setting();
  const runs: SourceRun[] = [];
  const { load, sourceProps, workerOptions } = options;
  const stageOptions = { records: 1, workerOptions, brokerProperties: { 'group.initial.rebalance.delay.ms': 0 } };
  await withStage(stageOptions, async (stage) => {
    for (const scenario of options.scenarios)
      for (let round = 0; round < options.runs; round++)
        for (const contestant of inTurn(options.contestants, round)) {
          console.error(`${scenario}: ${contestant}, round ${round + 1} of ${options.runs}`);
          runs.push(await runOnce(stage, scenario, contestant, round, { load, sourceProps }));
        }
  });
  console.log(`${sourcesTable(runs)}\n`);
  console.log(`All figures: ${await save(options.save, { ...where, options, runs })}`);
}

function sourcesOptions(args: readonly string[]) {
  const { names, records, rate, seconds, symbols, props, ...others } = flowOptions(args, DEFAULTS, ['only', 'by']);
  return {
    ...others,
    scenarios: chosen('only', names.only!, SCENARIO_NAMES),
    contestants: chosen('by', names.by!, CONTESTANTS),
    load: { records, ratePerSecond: rate, seconds, symbols },
    sourceProps: props,
  };
}
