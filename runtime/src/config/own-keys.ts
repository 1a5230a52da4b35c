import { type Config, type ConfigDef, ConfigError, long, type Props, parseConfig, string } from '@tributary/api';

const RESTARTS = 'Restarts';

/** When failed tasks start again. Not in Kafka Connect. */
export const restartKeys = {
  'tasks.restart.policy': string({
    doc: "What becomes of failed tasks, and of connectors that cannot start: 'none' leaves them until somebody restarts them, as Kafka Connect does; 'on-failure' starts them again after a pause that doubles from one attempt to the next.",
    default: 'none',
    oneOf: ['none', 'on-failure'],
    group: RESTARTS,
    order: 1,
    width: 'short',
    displayName: 'Restart policy',
  }),
  'tasks.restart.backoff.ms': long({
    doc: 'The pause before the first attempt, in milliseconds; each pause is up to a fifth shorter or longer by chance.',
    default: 5_000,
    min: 1,
    importance: 'low',
    group: RESTARTS,
    order: 2,
    width: 'short',
    displayName: 'First pause before a restart',
  }),
  'tasks.restart.backoff.max.ms': long({
    doc: 'The longest pause, in milliseconds. A task that ran for so long has recovered: its next failure counts as the first.',
    default: 300_000,
    min: 1,
    max: 2 ** 31 - 1,
    importance: 'low',
    group: RESTARTS,
    order: 3,
    width: 'short',
    displayName: 'Longest pause before a restart',
  }),
  'tasks.restart.max.attempts': long({
    doc: 'After how many attempts without success the task stays failed. -1: never.',
    default: -1,
    min: -1,
    importance: 'low',
    group: RESTARTS,
    order: 4,
    width: 'short',
    displayName: 'Attempts to restart',
  }),
} satisfies ConfigDef;

/** Keys that a worker has for all its connectors, and each connector for itself. */
export const ownKeys = { ...restartKeys } satisfies ConfigDef;

/** What holds for a connector: what it says itself, or else its worker. @throws ConfigError */
export function ownSettings<D extends Partial<typeof ownKeys>>(def: D, worker: Props, connector: Props): Config<D> {
  const { config, errors } = parseConfig(def, { ...worker, ...connector });
  if (errors.size > 0) throw new ConfigError([...errors.values()].flat().join('\n'));
  return config;
}
