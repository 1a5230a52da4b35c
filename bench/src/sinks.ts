/** Ticks from Kafka into stores, by our sinks and by the bare drivers. */
import { randomBytes } from 'node:crypto';
import { chosen, flowOptions } from './side-by-side/options.ts';
import { save, setting } from './side-by-side/results.ts';
import { inTurn } from './side-by-side/run.ts';
import { withStage } from './side-by-side/stage.ts';
import { cassandraStore } from './sinks/cassandra.ts';
import { CONTESTANTS, type SinkJob } from './sinks/contestant.ts';
import { influxStore } from './sinks/influx.ts';
import { type Latency, latency } from './sinks/latency.ts';
import { SQL_SERVER_URL, sqlServerStore } from './sinks/sql-server.ts';
import { latencyTable, throughputTable } from './sinks/tables.ts';
import { type Throughput, throughput } from './sinks/throughput.ts';
import { fillWithTicks } from './sinks/ticks.ts';

const STORES = { cassandra: cassandraStore, influxdb: influxStore, sqlserver: sqlServerStore } as const;
type StoreName = keyof typeof STORES;
const isThere = (name: StoreName): boolean => name !== 'sqlserver' || Boolean(process.env[SQL_SERVER_URL]);
/** Those that can be had here. */
const STORE_NAMES = (Object.keys(STORES) as readonly StoreName[]).filter(isThere);

const FULL_TOPIC = 'bench-ticks';
/** Before anything is measured, so that the store's compilers are done. */
const WARM_UP = { topic: 'bench-warm-up', records: 300_000 };
const DEFAULTS = { records: 1_000_000, runs: 3, rate: 17_000, seconds: 60, symbols: 100, save: 'sinks' };

export const SINKS_HELP = `npm run bench -- sinks [options]

Ticks from a topic of four partitions into each store by our sink, in a worker with one task, and by a loop that uses the bare driver as
well as it can be used; broker, store and contestant on this machine. Two parts: a full topic as fast as it goes, and ticks at a fixed
rate with the time from a tick's event time until it can be read in the store. Writes all figures to bench/results/<date>-<save>.json.

  --only NAME,...    stores (${STORE_NAMES.join(',')}); sqlserver is one where ${SQL_SERVER_URL} names a server,
                     as in jdbc:sqlserver://host;databaseName=bench;user=sa;password=...
  --by NAME,...      contestants (${CONTESTANTS.join(',')})
  --part NAME        throughput or latency (both)
  --records N        records of the full topic (${DEFAULTS.records.toLocaleString('en')})
  --rate N           ticks a second at the fixed rate (${DEFAULTS.rate.toLocaleString('en')}: a million a minute)
  --seconds N        how long, after ten to warm up (${DEFAULTS.seconds})
  --symbols N        different symbols (${DEFAULTS.symbols})
  --runs N           runs of each (${DEFAULTS.runs})
  --set KEY=VALUE    of our sink's config
  --save WHAT        the last part of the name of the results (${DEFAULTS.save})
  --node-arg ARG     for our worker's Node.js, such as --cpu-prof`;

export async function sinksBench(args: readonly string[]): Promise<void> {
  const options = sinksOptions(args);
  const where = await setting();
  const throughputs: Throughput[] = [];
  const latencies: Latency[] = [];
  const { records, symbols, rate, seconds, runs, workerOptions } = options;
  const load = { ratePerSecond: rate, seconds, symbols };
  const stageOptions = { records: 1, workerOptions, brokerProperties: { 'group.initial.rebalance.delay.ms': 0 } };
  await withStage(stageOptions, async ({ kafka: { bootstrap }, broker, folder }) => {
    await fillWithTicks(broker, WARM_UP.topic, WARM_UP.records, symbols);
    if (options.parts.includes('throughput')) await fillWithTicks(broker, FULL_TOPIC, records, symbols);
    for (const name of options.stores) {
      const store = await STORES[name]();
      const job = (topic?: string): SinkJob => {
        const table = `bench_${randomBytes(4).toString('hex')}`;
        return { bootstrap, store, topic: topic ?? table, table, folder, workerOptions, sinkProps: options.sinkProps };
      };
      try {
        await throughput('bare', job(WARM_UP.topic), WARM_UP.records, 0);
        for (let round = 0; round < runs; round++)
          for (const contestant of inTurn(options.contestants, round)) {
            console.error(`${name}: ${contestant}, round ${round + 1} of ${runs}`);
            if (options.parts.includes('throughput'))
              throughputs.push(await throughput(contestant, job(FULL_TOPIC), records, round));
            if (options.parts.includes('latency'))
              latencies.push(await latency(contestant, job(), broker, load, round));
          }
      } finally {
        await store.stop();
      }
    }
  });
  for (const text of [throughputTable(throughputs), latencyTable(latencies)]) if (text) console.log(`${text}\n`);
  console.log(`All figures: ${await save(options.save, { ...where, options, throughputs, latencies })}`);
}

const PARTS = ['throughput', 'latency'] as const;

function sinksOptions(args: readonly string[]) {
  const { names, props, ...others } = flowOptions(args, DEFAULTS, ['only', 'by', 'part']);
  return {
    ...others,
    stores: chosen('only', names.only!, STORE_NAMES),
    contestants: chosen('by', names.by!, CONTESTANTS),
    parts: chosen('part', names.part!, PARTS),
    sinkProps: props,
  };
}
