import { type Config, ConfigError, int, long, type Props, parseConfig, string } from '@tributary/api';

const PREFIX = 'embedded:';

/** The keys of the embedded log, beside `bootstrap.servers=embedded:FOLDER`. */
export const embeddedConfig = {
  'embedded.flush': string({
    doc: 'When a record counts as stored. commit: once it is committed, which survives the end of the process, kill -9 included. disk: once the disk has it as well, which survives a power cut and is slower.',
    oneOf: ['commit', 'disk'],
    default: 'commit',
    importance: 'medium',
  }),
  'embedded.num.partitions': int({
    doc: 'The number of partitions of a topic that is created without one.',
    default: 1,
    min: 1,
    importance: 'low',
  }),
  'embedded.retention.ms': long({
    doc: 'The default of the topic config retention.ms: how old records may get before they are deleted, in milliseconds. -1: without end.',
    default: 7 * 24 * 3_600_000,
    min: -1,
    importance: 'medium',
  }),
  'embedded.retention.bytes': long({
    doc: 'The default of the topic config retention.bytes: how large a partition may get before its oldest records are deleted. -1: without end.',
    default: 1024 ** 3,
    min: -1,
    importance: 'medium',
  }),
  'embedded.max.bytes': long({
    doc: 'How many bytes of records the log may hold in all. Beyond it producers fail with an error that can be retried, as on a full disk. -1: as much as the disk holds.',
    default: -1,
    min: -1,
    importance: 'medium',
  }),
  'embedded.transaction.max.bytes': long({
    doc: 'How many bytes of records one transaction may hold. They are kept in memory until it commits.',
    default: 256 * 1024 ** 2,
    min: 1024,
    importance: 'low',
  }),
  'embedded.housekeeping.interval.ms': int({
    doc: 'How often old records are looked for and compacted topics are cleaned, in milliseconds.',
    default: 5000,
    min: 10,
    importance: 'low',
  }),
};

export type EmbeddedConfig = Config<typeof embeddedConfig>;

/** The folder that `bootstrap.servers` names, or null where it names servers. */
export function embeddedFolder(bootstrapServers: string): string | null {
  return bootstrapServers.startsWith(PREFIX) ? bootstrapServers.slice(PREFIX.length) : null;
}

/** @throws ConfigError */
export function parseEmbedded(props: Props): { folder: string; config: EmbeddedConfig } {
  const servers = props['bootstrap.servers'] ?? '';
  const folder = embeddedFolder(servers);
  if (!folder) {
    throw new ConfigError(
      `Invalid value ${servers} for configuration bootstrap.servers: the embedded log wants ${PREFIX} and a folder, such as ${PREFIX}./data`,
    );
  }
  const { config, errors } = parseConfig(embeddedConfig, props);
  const messages = [...errors.values()].flat();
  if (messages.length > 0) throw new ConfigError(messages.join('; '));
  return { folder, config };
}
