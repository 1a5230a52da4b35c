import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, type Properties } from '@tributary/services';
import { type Program, startProgram } from '../side-by-side/program.ts';
import { WORKERS, type WorkerOptions } from '../side-by-side/workers.ts';
import { FETCH_BYTES, FETCH_WAIT_MS } from './bare/consume.ts';
import type { BenchStore } from './store.ts';

const BARE_FOLDER = join(import.meta.dirname, 'bare');

/** Who brings ticks into a store. */
export const CONTESTANTS = ['bare', 'tributary'] as const;
export type Contestant = (typeof CONTESTANTS)[number];

/** What a contestant is started for. */
export interface SinkJob {
  readonly bootstrap: string;
  readonly store: BenchStore;
  readonly topic: string;
  /** A new name: of the table, the connector and the group. */
  readonly table: string;
  /** Holds a folder for each run. */
  readonly folder: string;
  /** Of our sink, over those of the store. */
  readonly sinkProps: Properties;
  readonly workerOptions: WorkerOptions;
}

export async function startContestant(contestant: Contestant, job: SinkJob): Promise<Program> {
  return contestant === 'bare' ? startBare(job) : startWorker(job);
}

async function startWorker({
  bootstrap,
  store,
  topic,
  table,
  folder,
  sinkProps,
  workerOptions,
}: SinkJob): Promise<Program> {
  const own = join(folder, table);
  mkdirSync(own);
  const [port] = await freePorts(1);
  const config = {
    topics: topic,
    'tasks.max': 1,
    'consumer.override.fetch.min.bytes': FETCH_BYTES,
    'consumer.override.fetch.max.wait.ms': FETCH_WAIT_MS,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': false,
    ...store.sinkConfig(topic, table),
    ...sinkProps,
  };
  const worker = WORKERS.tributary({ bootstrap, name: table, config, folder: own, port: port! }, workerOptions);
  return { usage: worker.usage, failure: worker.failure, stop: worker.stop };
}

function startBare({ bootstrap, store, topic, table, folder, workerOptions }: SinkJob): Program {
  const job = { bootstrap, topic, table, ...store.bare.args };
  return startProgram(join(BARE_FOLDER, store.bare.file), job, join(folder, `${table}.log`), workerOptions.nodeArgs);
}
