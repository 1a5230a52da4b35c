import { type KafkaOptions, kafka } from './kafka.ts';

/** Names the bootstrap servers of a Kafka that a whole test run shares; set by `run-with.ts`. */
export const SHARED_KAFKA_VARIABLE = 'TRIBUTARY_TEST_KAFKA';

/** How a Kafka for tests is started: many short runs, no measurements. */
export const TEST_KAFKA: KafkaOptions = { jit: 'quick' };

let own: Promise<string> | undefined;

/**
 * The bootstrap servers of a Kafka with one broker for tests: the one of the test run (`$TRIBUTARY_TEST_KAFKA`), else one of
 * this process's own, started at the first call, which ends with the process. Others use it at the same time: give topics
 * and groups names of their own.
 */
export function sharedKafka(): Promise<string> {
  const ofTheRun = process.env[SHARED_KAFKA_VARIABLE];
  if (ofTheRun) return Promise.resolve(ofTheRun);
  own ??= kafka({ ...TEST_KAFKA, keepAlive: false }).then((started) => started.bootstrap);
  return own;
}
