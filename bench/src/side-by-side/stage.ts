import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafka, type Properties } from '@tributary/services';
import { openKafka } from '../../../runtime/src/broker/kafka/index.ts';
import { fillTopic } from './destinations.ts';
import { writeInput } from './lines.ts';
import type { Stage } from './run.ts';
import type { WorkerOptions } from './workers.ts';

const INPUT_TOPIC = 'bench-input';

export interface StageOptions {
  readonly records: number;
  /** Broker properties over those of the tests' Kafka. */
  readonly brokerProperties: Properties;
  readonly workerOptions: WorkerOptions;
}

/** Starts a Kafka with one broker, makes the input file and the input topic, does the work, and removes everything. */
export async function withStage<T>(options: StageOptions, work: (stage: Stage) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  // Workers are children of this process and die in its exit handlers: a signal must go through them.
  const onSignal = (): never => process.exit(130);
  process.once('exit', removeFolder);
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  // Topics of earlier runs go at once, not a minute later, in the middle of another run.
  const properties = { 'log.segment.delete.delay.ms': 0, ...options.brokerProperties };
  const server = await kafka({ properties });
  try {
    const broker = await openKafka({ configs: { 'bootstrap.servers': server.bootstrap }, clientId: 'bench' });
    try {
      const inputFile = join(folder, 'input.jsonl');
      const input = await writeInput(inputFile, options.records);
      await fillTopic(broker, INPUT_TOPIC, options.records);
      const { workerOptions } = options;
      return await work({ kafka: server, broker, folder, inputFile, inputTopic: INPUT_TOPIC, input, workerOptions });
    } finally {
      await broker.close();
    }
  } finally {
    await server.stop();
    removeFolder();
    process.removeListener('exit', removeFolder).removeListener('SIGINT', onSignal).removeListener('SIGTERM', onSignal);
  }
}
