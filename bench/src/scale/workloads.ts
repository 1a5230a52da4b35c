import { join } from 'node:path';

/** What is given to every connector of a workload. */
export interface Load {
  readonly tasks: number;
  readonly folder: string;
}

export interface Workload {
  readonly what: string;
  /** The config of the connector with this number, without its name. */
  config(number: number, load: Load): Record<string, string>;
}

/** Topics that all connectors share; each has as many partitions as a connector has tasks. */
export const TOPICS = ['scale-1', 'scale-2', 'scale-3'] as const;

const topicOf = (number: number): string => TOPICS[number % TOPICS.length]!;

const source = (number: number, { tasks }: Load): Record<string, string> => ({
  'connector.class': 'tributary.simulator.MarketSimulatorSource',
  'tasks.max': String(tasks),
  topic: topicOf(number),
  'symbols.count': String(tasks),
  streams: String(tasks),
  // A record a second and connector: the load is what tasks cost by being there.
  'rate.per.second': '1',
});

const sink = (number: number, { tasks, folder }: Load): Record<string, string> => ({
  'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  'tasks.max': String(tasks),
  topics: topicOf(number),
  file: join(folder, `sink-${number}.txt`),
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
});

export const WORKLOADS = {
  sources: { what: 'simulators of one record a second', config: source },
  sinks: { what: 'file sinks on three topics without records, each task with a partition', config: sink },
  mixed: {
    what: 'as many simulators as file sinks, which read what those write',
    config: (number, load) => (number % 2 === 0 ? source : sink)(Math.floor(number / 2), load),
  },
} satisfies Record<string, Workload>;

export type WorkloadName = keyof typeof WORKLOADS;
