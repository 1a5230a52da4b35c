import { isPlainObject, type Props } from '@tributary/api';
import type { InitialState } from '../config/files.ts';
import { type Level, parseLevel } from '../logging/levels.ts';
import { type SessionKey, sessionKeyOf } from './session-key.ts';

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
  /** The offset of the record that committed them, or tried to; -1 if none did. */
  readonly tasksOffset: number;
  /** Task configs that no commit record has made valid yet, by task number. */
  readonly pending: ReadonlyMap<number, Props>;
  /** How many tasks of an earlier set may still be writing with transactions (KIP-618); null if none ever did. */
  readonly fencedTasks: number | null;
  /** A set of task configs was committed since those tasks were fenced. */
  readonly pendingFencing: boolean;
  /** A commit record came for which task configs are missing: the set cannot be started until it is written anew. */
  readonly inconsistent: boolean;
}

/** The entry of a connector that exists. */
export interface ConfiguredEntry extends ConnectorEntry {
  readonly config: Props;
}

/** The state of the cluster's configuration up to some offset of the config topic. Immutable. */
export interface ConfigState {
  /** The offset of the last record applied; -1 before the first. */
  readonly offset: number;
  /**
   * The offset of the last record that changed what there is to assign: a connector was created or deleted, or a set of tasks
   * committed; -1 before the first. Where the topic was compacted, a worker that reads it later may come to another number.
   */
  readonly workOffset: number;
  readonly connectors: ReadonlyMap<string, ConnectorEntry>;
  /** What workers sign their requests to each other with; null before a leader has made one. */
  readonly sessionKey: SessionKey | null;
}

export const EMPTY_CONFIG_STATE: ConfigState = { offset: -1, workOffset: -1, connectors: new Map(), sessionKey: null };

const NEW_ENTRY: ConnectorEntry = {
  config: null,
  targetState: 'STARTED',
  tasks: [],
  tasksOffset: -1,
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

function withEntry(state: ConfigState, name: string, change: Partial<ConnectorEntry>): ConfigState {
  const connectors = new Map(state.connectors);
  connectors.set(name, { ...(connectors.get(name) ?? NEW_ENTRY), ...change });
  return { ...state, connectors };
}

/**
 * What stays of a deleted connector is how many of its tasks may still be writing: one that is made anew by its name fences them.
 * Its target state goes by a record of its own.
 */
const DELETED: Partial<ConnectorEntry> = {
  config: null,
  tasks: [],
  tasksOffset: -1,
  pending: new Map(),
  inconsistent: false,
};

function applyCommit(state: ConfigState, name: string, value: unknown): ConfigState {
  const count = isPlainObject(value) ? Number(value['tasks']) : Number.NaN;
  if (!Number.isInteger(count)) return state;
  const { config, pending } = state.connectors.get(name) ?? NEW_ENTRY;
  // Compaction has removed the records of a connector that was deleted, but not yet those of its tasks.
  if (config === null) return withEntry(state, name, DELETED);
  const tasks = Array.from({ length: count }, (_none, task) => pending.get(task));
  const whole = tasks.every((task) => task !== undefined);
  return {
    ...withEntry(state, name, {
      ...(whole ? { tasks } : {}),
      tasksOffset: state.offset,
      pending: new Map(),
      pendingFencing: true,
      inconsistent: !whole,
    }),
    workOffset: state.offset,
  };
}

function applyConnector(state: ConfigState, name: string, value: unknown): ConfigState {
  const exists = Boolean(state.connectors.get(name)?.config);
  if (value === null) {
    if (!state.connectors.has(name)) return state;
    return { ...withEntry(state, name, DELETED), workOffset: exists ? state.offset : state.workOffset };
  }
  const config = propsOf(value);
  if (!config) return state;
  return { ...withEntry(state, name, { config }), workOffset: exists ? state.workOffset : state.offset };
}

/** The state after one more record. Unknown keys and malformed values change nothing but the offset. */
export function applyConfigRecord(before: ConfigState, { offset, key, value }: ConfigRecord): ConfigState {
  const state = { ...before, offset };
  if (key.startsWith('target-state-')) {
    const name = key.slice('target-state-'.length);
    const target = value === null ? 'STARTED' : targetStateOf(value);
    return target && (value !== null || state.connectors.has(name))
      ? withEntry(state, name, { targetState: target })
      : state;
  }
  if (key.startsWith('connector-')) return applyConnector(state, key.slice('connector-'.length), value);
  if (key.startsWith('task-')) {
    const split = key.lastIndexOf('-');
    const name = key.slice('task-'.length, split);
    const task = Number(key.slice(split + 1));
    const config = propsOf(value);
    if (!config || !Number.isInteger(task) || split < 'task-'.length) return state;
    const pending = new Map(state.connectors.get(name)?.pending).set(task, config);
    return withEntry(state, name, { pending });
  }
  if (key.startsWith('tasks-fencing-')) {
    const name = key.slice('tasks-fencing-'.length);
    const count = isPlainObject(value) ? Number(value['task-count']) : Number.NaN;
    return Number.isInteger(count) ? withEntry(state, name, { fencedTasks: count, pendingFencing: false }) : state;
  }
  if (key.startsWith('commit-')) return applyCommit(state, key.slice('commit-'.length), value);
  if (key === configKeys.sessionKey) return { ...state, sessionKey: sessionKeyOf(value) ?? state.sessionKey };
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

/** That a connector is to be restarted (KIP-745). */
export interface RestartAsked {
  readonly connector: string;
  readonly includeTasks: boolean;
  readonly onlyFailed: boolean;
}

/** The restart that a record asks for, or undefined if it is about something else. */
export function restartOf({ key, value }: ConfigRecord): RestartAsked | undefined {
  const prefix = configKeys.restart('');
  if (!key.startsWith(prefix) || !isPlainObject(value)) return undefined;
  return {
    connector: key.slice(prefix.length),
    includeTasks: value['include-tasks'] === true,
    onlyFailed: value['only-failed'] === true,
  };
}

/** The connectors that exist: those with a config. */
export function connectorNames(state: ConfigState): readonly string[] {
  return [...state.connectors].flatMap(([name, { config }]) => (config ? [name] : []));
}

/** The entry of a connector that exists, or undefined. */
export function connectorOf(state: ConfigState, name: string): ConfiguredEntry | undefined {
  const entry = state.connectors.get(name);
  return entry && isConfigured(entry) ? entry : undefined;
}

const isConfigured = (entry: ConnectorEntry): entry is ConfiguredEntry => entry.config !== null;
