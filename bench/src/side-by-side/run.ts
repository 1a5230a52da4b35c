import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, type KafkaHandle, type ProcessUsage, type Properties, processUsage } from '@tributary/services';
import type { Broker } from '../../../runtime/src/broker/port.ts';
import { createTopic, type Destination, fileDestination, topicDestination } from './destinations.ts';
import type { Digest, Input } from './lines.ts';
import { type Figures, measure } from './measure.ts';
import type { Scenario } from './scenarios.ts';
import { WORKERS, type WorkerName, type WorkerOptions } from './workers.ts';

/** What all runs of a benchmark share. */
export interface Stage {
  readonly kafka: KafkaHandle;
  /** The bench's own connection, for looking at topics. */
  readonly broker: Broker;
  readonly folder: string;
  readonly inputFile: string;
  readonly inputTopic: string;
  readonly input: Input;
  readonly workerOptions: WorkerOptions;
}

/** Who takes part: the worker that is compared, or the same worker once more, whose distance from itself is the noise. */
export interface Contestant {
  readonly name: string;
  readonly worker: WorkerName;
  /** Of our worker, over those of the stage. */
  readonly workerProps?: Properties;
}

export interface Run {
  readonly scenario: string;
  readonly contestant: string;
  readonly round: number;
  readonly figures: Figures;
  /** What was at the destination. */
  readonly digest: Digest;
}

/** One run from a cold process, with new names for everything; cleans up behind itself. */
export async function runOnce(stage: Stage, scenario: Scenario, contestant: Contestant, round: number): Promise<Run> {
  const { kafka, broker, input } = stage;
  const name = `bench-${contestant.worker}-${randomBytes(6).toString('hex')}`;
  const folder = join(stage.folder, name);
  await mkdir(folder);
  const [port] = await freePorts(1);
  const { config, destination, full } = await prepare(stage, scenario, name, folder);
  try {
    const figures = await measure({
      start: () =>
        WORKERS[contestant.worker](
          { bootstrap: kafka.bootstrap, name, config, folder, port: port! },
          { ...stage.workerOptions, workerProps: contestant.workerProps ?? {} },
        ),
      destination,
      records: input.records,
      full,
      brokerUsage: () => usageOf(kafka),
    });
    const digest = await destination.digest();
    check(scenario, contestant, digest, scenario.expected(input), input.records);
    return { scenario: scenario.name, contestant: contestant.name, round, figures, digest };
  } finally {
    await rm(folder, { recursive: true, force: true });
    const topics = await broker.topics.list();
    await broker.topics.delete(topics.filter((topic) => topic.startsWith(name)));
  }
}

interface Prepared {
  readonly config: Properties;
  readonly destination: Destination;
  readonly full: number | null;
}

async function prepare(stage: Stage, scenario: Scenario, name: string, folder: string): Promise<Prepared> {
  const { broker, input, inputFile, inputTopic } = stage;
  if (scenario.direction === 'source') {
    await createTopic(broker, name);
    return {
      config: { 'connector.class': 'FileStreamSource', file: inputFile, topic: name, ...scenario.config },
      destination: topicDestination(broker, name),
      full: null,
    };
  }
  const file = join(folder, 'output.txt');
  return {
    config: { 'connector.class': 'FileStreamSink', file, topics: inputTopic, ...scenario.config },
    destination: fileDestination(file),
    full: scenario.expected(input)!.bytes,
  };
}

function usageOf({ pid }: KafkaHandle): ProcessUsage {
  const usage = processUsage(pid);
  if (!usage) throw new Error('The Kafka broker has ended');
  return usage;
}

function check(scenario: Scenario, by: Contestant, found: Digest, expected: Digest | null, records: number): void {
  const where = `${scenario.name} by ${by.name}`;
  if (found.lines !== records) throw new Error(`${where}: ${found.lines} records arrived instead of ${records}`);
  if (expected && found.sha256 !== expected.sha256)
    throw new Error(`${where}: the records that arrived differ from what they should be`);
}

/** @throws Error unless all runs of a scenario left the same behind */
export function checkSame(runs: readonly Run[]): void {
  for (const [scenario, same] of Map.groupBy(runs, (run) => run.scenario)) {
    const other = same.find((run) => run.digest.sha256 !== same[0]!.digest.sha256);
    if (!other) continue;
    throw new Error(`${scenario}: ${other.contestant} and ${same[0]!.contestant} wrote different records`);
  }
}

/** The contestants of a round, each round beginning with another one. */
export function inTurn<T>(contestants: readonly T[], round: number): readonly T[] {
  const from = round % contestants.length;
  return [...contestants.slice(from), ...contestants.slice(0, from)];
}
