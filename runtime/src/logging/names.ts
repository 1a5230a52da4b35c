/** The loggers of the worker, and the names that the same things have in Kafka Connect: to set one sets the other. */
const RUNTIME = 'org.apache.kafka.connect.runtime';
const STORAGE = 'org.apache.kafka.connect.storage';

export const JAVA_NAMES = {
  'tributary.worker': [`${RUNTIME}.Worker`, `${RUNTIME}.Connect`, 'org.apache.kafka.connect.cli.ConnectDistributed'],
  'tributary.herder': [`${RUNTIME}.distributed.DistributedHerder`, `${RUNTIME}.AbstractHerder`],
  'tributary.rest': [`${RUNTIME}.rest.RestServer`, `${RUNTIME}.rest.resources.ConnectorsResource`],
  'tributary.plugins': [`${RUNTIME}.isolation.Plugins`, `${RUNTIME}.isolation.PluginScanner`],
  'tributary.store.config': [`${STORAGE}.KafkaConfigBackingStore`],
  'tributary.store.offset': [`${STORAGE}.KafkaOffsetBackingStore`],
  'tributary.store.status': [`${STORAGE}.KafkaStatusBackingStore`],
  'tributary.tasks.source': [
    `${RUNTIME}.WorkerSourceTask`,
    `${RUNTIME}.AbstractWorkerSourceTask`,
    `${RUNTIME}.ExactlyOnceWorkerSourceTask`,
  ],
  'tributary.tasks.sink': [`${RUNTIME}.WorkerSinkTask`],
} as const;

export type LoggerName = keyof typeof JAVA_NAMES;

/** The logger of everything that concerns one connector. */
export const connectorLogger = (connector: string): string => `tributary.connector.${connector}`;

const TWINS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(JAVA_NAMES).flatMap(([ours, theirs]) => [
    [ours, theirs] as const,
    ...theirs.map((name) => [name, [ours, ...theirs.filter((other) => other !== name)]] as const),
  ]),
);

/** The other names of a logger. */
export const twinsOf = (name: string): readonly string[] => TWINS.get(name) ?? [];

/** Every name that is known from the start. */
export const FIXED_NAMES: readonly string[] = [...TWINS.keys()];
