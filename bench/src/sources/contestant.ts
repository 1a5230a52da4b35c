import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, type Properties } from '@tributary/services';
import { type Program, startProgram } from '../side-by-side/program.ts';
import { WORKERS, type WorkerOptions } from '../side-by-side/workers.ts';
import type { BareJob } from './bare.ts';

/** Who brings trades into Kafka: `ws` and kafkajs alone, our worker, and our worker with exactly-once. */
export const CONTESTANTS = ['bare', 'tributary', 'exactly-once'] as const;
export type Contestant = (typeof CONTESTANTS)[number];

/** Keys that both of our configs have. */
const CONVERTERS: Properties = {
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': false,
};

/** What becomes of a trade: a tick by the preset, or the JSON that a generic config finds at a path. */
export const SCENARIOS = {
  preset: {
    values: 'ticks',
    sequence: /"sequence":(\d+)/,
    micros: /"event_time_us":(\d+)/,
    config: { preset: 'binance' },
  },
  generic: {
    values: 'json',
    sequence: /"t":(\d+)/,
    micros: /"T":(\d+)/,
    config: {
      'subscribe.messages': '{"method":"SUBSCRIBE","params":${symbols|lower|suffix=@trade},"id":1}',
      'subscribe.ack': 'id=1',
      'records.path': 'data',
      'records.key': 's',
      'records.timestamp': 'T',
      'records.sequence': 't',
    },
  },
} as const satisfies Readonly<
  Record<string, Pick<BareJob, 'values'> & { sequence: RegExp; micros: RegExp; config: Properties }>
>;
export type ScenarioName = keyof typeof SCENARIOS;

/** What a contestant is started for. */
export interface SourceJob {
  readonly bootstrap: string;
  readonly scenario: ScenarioName;
  readonly url: string;
  readonly symbols: readonly string[];
  /** A new name: of the topic and of the connector. */
  readonly name: string;
  /** Holds a folder for each run. */
  readonly folder: string;
  /** Of our source, over those of the scenario. */
  readonly sourceProps: Properties;
  readonly workerOptions: WorkerOptions;
}

export async function startContestant(contestant: Contestant, job: SourceJob): Promise<Program> {
  const { bootstrap, scenario, url, symbols, name, folder, workerOptions } = job;
  const own = join(folder, name);
  mkdirSync(own);
  const { values, config } = SCENARIOS[scenario];
  if (contestant === 'bare') {
    const bare: BareJob = { bootstrap, topic: name, url, symbols, values };
    return startProgram(join(import.meta.dirname, 'bare.ts'), bare, join(own, 'bare.log'), workerOptions.nodeArgs);
  }
  const [port] = await freePorts(1);
  const full: Properties = {
    'connector.class': 'WebSocketSource',
    topic: name,
    symbols: symbols.join(','),
    'websocket.url': url,
    'gaps.topic': `${name}-gaps`,
    'tasks.max': 1,
    ...CONVERTERS,
    ...config,
    ...job.sourceProps,
  };
  const workerProps: Properties = contestant === 'exactly-once' ? { 'exactly.once.source.support': 'enabled' } : {};
  return WORKERS.tributary(
    { bootstrap, name, config: full, folder: own, port: port! },
    { ...workerOptions, workerProps: { ...workerOptions.workerProps, ...workerProps } },
  );
}
