import { isPlainObject, type Props } from '@tributary/api';
import type { InitialState } from '../config/files.ts';
import { type Level, parseLevel } from '../logging/levels.ts';

/** What is wanted of a connector, by Java's names in the config topic. */
export type TargetState = 'STARTED' | 'PAUSED' | 'STOPPED';

/** The target state for the state that a new connector is asked to begin in (KIP-980). */
export const TARGET_STATE: Readonly<Record<InitialState, TargetState>> = {
  RUNNING: 'STARTED',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
};

export interface ConnectorEntry {
  readonly config: Props | null;
  readonly targetState: TargetState;
  /** The configs of the last committed set of tasks. */
  readonly tasks: readonly Props[];
  /** Task configs that no commit record has made valid yet, by task number. */
  readonly pending: ReadonlyMap<number, Props>;
  /** How many tasks of an earlier set may still be writing with transactions (KIP-618); null if none ever did. */
  readonly fencedTasks: number | null;
  /** A set of task configs was committed since those tasks were fenced. */
  readonly pendingFencing: boolean;
  /** A commit record came for which task configs are missing: the set cannot be started until it is written anew. */
  readonly inconsistent: boolean;
}

/** The state of the cluster's configuration up to some offset of the config topic. Immutable. */
export interface ConfigState {
  /** The offset of the last record applied; -1 before the first. */
  readonly offset: number;
  readonly connectors: ReadonlyMap<string, ConnectorEntry>;
}

export const EMPTY_CONFIG_STATE: ConfigState = { offset: -1, connectors: new Map() };

const NEW_ENTRY: ConnectorEntry = {
  config: null,
  targetState: 'STARTED',
  tasks: [],
  pending: new Map(),
  fencedTasks: null,
  pendingFencing: false,
  inconsistent: false,
};

export const configKeys = {
  connector: (name: string) => `connector-${name}`,
  task: (name: string, task: number) => `task-${name}-${task}`,
  commit: (name: string) => `commit-${name}`,
  targetState: (name: string) => `target-state-${name}`,
  fencing: (name: string) => `tasks-fencing-${name}`,
  restart: (name: string) => `restart-connector-${name}`,
  loggerLevel: (name: string) => `logger-cluster-${name}`,
  sessionKey: 'session-key',
} as const;

/** The values of config records. Format: KafkaConfigBackingStore of Java Connect. */
export const configValues = {
  connector: (config: Props) => ({ properties: config }),
  task: (config: Props) => ({ properties: config }),
  commit: (tasks: number) => ({ tasks }),
  fencing: (tasks: number) => ({ 'task-count': tasks }),
  restart: (includeTasks: boolean, onlyFailed: boolean) => ({
    'include-tasks': includeTasks,
    'only-failed': onlyFailed,
  }),
  loggerLevel: (level: Level) => ({ level }),
  targetState: (state: TargetState) => ({ state: state === 'STARTED' ? 'STARTED' : 'PAUSED', 'state.v2': state }),
} as const;

/** A record of the config topic: the key as text, the value parsed (undefined: not JSON, null: a tombstone). */
export interface ConfigRecord {
  readonly offset: number;
  readonly key: string;
  readonly value: unknown;
}

function propsOf(value: unknown): Props | null {
  if (!isPlainObject(value) || !isPlainObject(value['properties'])) return null;
  return Object.fromEntries(Object.entries(value['properties']).map(([key, text]) => [key, String(text)]));
}

function targetStateOf(value: unknown): TargetState | null {
  if (!isPlainObject(value)) return null;
  const state = value['state.v2'] ?? value['state'];
  return state === 'STARTED' || state === 'PAUSED' || state === 'STOPPED' ? state : null;
}

function withEntry(
  state: ConfigState,
  name: string,
  change: (entry: ConnectorEntry) => ConnectorEntry | null,
): ConfigState {
  const connectors = new Map(state.connectors);
  const changed = change(connectors.get(name) ?? NEW_ENTRY);
  if (changed === null) connectors.delete(name);
  else connectors.set(name, changed);
  return { ...state, connectors };
}

function applyCommit(entry: ConnectorEntry, value: unknown): ConnectorEntry {
  const count = isPlainObject(value) ? Number(value['tasks']) : Number.NaN;
  if (!Number.isInteger(count)) return entry;
  const tasks: Props[] = [];
  for (let i = 0; i < count; i++) {
    // A task whose config did not change since the last commit may have been left out of the set.
    const config = entry.pending.get(i) ?? entry.tasks[i];
    if (!config) return { ...entry, pending: new Map(), inconsistent: true };
    tasks.push(config);
  }
  return { ...entry, tasks, pending: new Map(), pendingFencing: true, inconsistent: false };
}

/** The state after one more record. Unknown keys and malformed values change nothing but the offset. */
export function applyConfigRecord(before: ConfigState, { offset, key, value }: ConfigRecord): ConfigState {
  const state = { ...before, offset };
  if (key.startsWith('target-state-')) {
    const name = key.slice('target-state-'.length);
    if (value === null) {
      return state.connectors.has(name)
        ? withEntry(state, name, (entry) => ({ ...entry, targetState: 'STARTED' }))
        : state;
    }
    const target = targetStateOf(value);
    return target ? withEntry(state, name, (entry) => ({ ...entry, targetState: target })) : state;
  }
  if (key.startsWith('connector-')) {
    const name = key.slice('connector-'.length);
    if (value === null) return withEntry(state, name, () => null);
    const config = propsOf(value);
    return config ? withEntry(state, name, (entry) => ({ ...entry, config })) : state;
  }
  if (key.startsWith('task-')) {
    const split = key.lastIndexOf('-');
    const name = key.slice('task-'.length, split);
    const task = Number(key.slice(split + 1));
    const config = propsOf(value);
    if (!config || !Number.isInteger(task) || split < 'task-'.length) return state;
    return withEntry(state, name, (entry) => ({ ...entry, pending: new Map(entry.pending).set(task, config) }));
  }
  if (key.startsWith('tasks-fencing-')) {
    const name = key.slice('tasks-fencing-'.length);
    const count = isPlainObject(value) ? Number(value['task-count']) : Number.NaN;
    return Number.isInteger(count)
      ? withEntry(state, name, (entry) => ({ ...entry, fencedTasks: count, pendingFencing: false }))
      : state;
  }
  if (key.startsWith('commit-'))
    return withEntry(state, key.slice('commit-'.length), (entry) => applyCommit(entry, value));
  return state;
}

/** The logger and the level that a record asks of every worker (KIP-976), or undefined if it is about something else. */
export function loggerLevelOf({
  key,
  value,
}: ConfigRecord): { readonly name: string; readonly level: Level } | undefined {
  const prefix = configKeys.loggerLevel('');
  if (!key.startsWith(prefix) || !isPlainObject(value)) return undefined;
  const level = parseLevel(String(value['level']));
  return level && { name: key.slice(prefix.length), level };
}

/** The connectors that exist: those with a config. */
export function connectorNames(state: ConfigState): readonly string[] {
  return [...state.connectors].flatMap(([name, { config }]) => (config ? [name] : []));
}

/** The entry of a connector that exists, or undefined. */
export function connectorOf(
  state: ConfigState,
  name: string,
): (ConnectorEntry & { readonly config: Props }) | undefined {
  const entry = state.connectors.get(name);
  return entry?.config ? { ...entry, config: entry.config } : undefined;
}
