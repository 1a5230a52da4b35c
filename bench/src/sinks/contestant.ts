import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, type ProcessUsage, type Properties, processUsage } from '@tributary/services';
import { WORKERS, type WorkerOptions } from '../side-by-side/workers.ts';
import { FETCH_BYTES, FETCH_WAIT_MS } from './bare/consume.ts';
import type { BenchStore } from './store.ts';

const BARE_FOLDER = join(import.meta.dirname, 'bare');
const LOG_TAIL_LINES = 20;

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

/** A contestant's process. */
export interface SinkProcess {
  usage(): ProcessUsage | undefined;
  /** Rejects when it ends by itself, with the end of its log. */
  readonly failure: Promise<never>;
  stop(): Promise<void>;
}

export async function startContestant(contestant: Contestant, job: SinkJob): Promise<SinkProcess> {
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
}: SinkJob): Promise<SinkProcess> {
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

function startBare({ bootstrap, store, topic, table, folder, workerOptions }: SinkJob): SinkProcess {
  const logFile = join(folder, `${table}.log`);
  const log = openSync(logFile, 'a');
  const job = JSON.stringify({ bootstrap, topic, table, ...store.bare.args });
  const args = ['--conditions=tributary-source', ...workerOptions.nodeArgs, join(BARE_FOLDER, store.bare.file), job];
  const child = spawn(process.execPath, args, { stdio: ['ignore', log, log] });
  closeSync(log);
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  const exited = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  let stopping = false;
  child.once('exit', async (code, signal) => {
    process.removeListener('exit', killNow);
    exited.resolve();
    if (stopping) return;
    const tail = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
    failed.reject(new Error(`The bare loop ended (${signal ?? code}):\n${tail}`));
  });
  return {
    usage: () => (child.pid === undefined || child.exitCode !== null ? undefined : processUsage(child.pid)),
    failure: failed.promise,
    async stop() {
      stopping = true;
      child.kill('SIGTERM');
      await exited.promise;
    },
  };
}
