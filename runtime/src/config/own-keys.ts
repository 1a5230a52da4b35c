import { type Config, type ConfigDef, ConfigError, long, type Props, parseConfig, string } from '@tributary/api';
import type { Checked } from './checked.ts';

const ISOLATION = 'Isolation';
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

/** Where tasks run, and what ends them there. Not in Kafka Connect. */
export const isolationKeys = {
  'task.isolation': string({
    doc: "Where tasks run: 'shared' in the worker's own thread, 'thread' in a thread of their own each, 'process' in a process of their own each.",
    default: 'shared',
    oneOf: ['shared', 'thread', 'process'],
    importance: 'low',
    group: ISOLATION,
    order: 1,
    width: 'short',
    displayName: 'Task isolation',
  }),
  'task.memory.max.bytes': long({
    doc: 'A task that has more memory fails. In a process all that is resident counts, about 100 MB of which are Node.js and code; in a thread its heap and its buffers. Empty: no limit.',
    default: null,
    min: 64 * 1024 * 1024,
    importance: 'low',
    group: ISOLATION,
    order: 2,
    width: 'medium',
    displayName: 'Memory of a task',
  }),
  'task.unresponsive.timeout.ms': long({
    doc: 'A task in a thread or process of its own fails when its plugin has kept that busy for so many milliseconds without a break. 0: never.',
    default: 300_000,
    min: 0,
    importance: 'low',
    group: ISOLATION,
    order: 3,
    width: 'medium',
    displayName: 'Unresponsive tasks',
  }),
} satisfies ConfigDef;

/** Keys that a worker has for all its connectors, and each connector for itself. */
export const ownKeys = { ...isolationKeys, ...restartKeys } satisfies ConfigDef;

/** What holds for a connector: what it says itself, or else its worker. @throws ConfigError */
export function ownSettings<D extends Partial<typeof ownKeys>>(def: D, worker: Props, connector: Props): Config<D> {
  const { config, errors } = parseConfig(def, { ...worker, ...connector });
  if (errors.size > 0) throw new ConfigError([...errors.values()].flat().join('\n'));
  return config;
}

/** What must hold between keys of ours in a connector's config. @param worker the worker's config, for what the connector does not say */
export function checkOwn(given: readonly Checked[], worker: Props): readonly Checked[] {
  const own = given.find(({ name }) => name === 'task.isolation');
  const isolation = own ? own.value : (worker['task.isolation'] ?? isolationKeys['task.isolation'].default);
  if (isolation !== 'shared') return given;
  for (const { name, errors } of given) {
    if (name !== 'task.memory.max.bytes' && name !== 'task.unresponsive.timeout.ms') continue;
    errors.push(`${name} means nothing to tasks in the worker's own thread: set task.isolation=process or thread, too`);
  }
  return given;
}
