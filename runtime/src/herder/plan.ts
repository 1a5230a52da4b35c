import type { Props } from '@tributary/api';
import { type ConfigState, connectorNames, connectorOf, type TargetState } from '../store/config-state.ts';
import { taskKey } from '../tasks/task-spec.ts';

/** A connector as this worker runs it. */
export interface RunningConnector {
  readonly config: Props;
  readonly targetState: TargetState;
}

/** A task as this worker runs it. */
export interface RunningTaskState {
  readonly connector: string;
  readonly task: number;
  readonly config: Props;
  readonly paused: boolean;
}

export interface Running {
  readonly connectors: ReadonlyMap<string, RunningConnector>;
  readonly tasks: readonly RunningTaskState[];
}

/** What of the cluster's work is this worker's. */
export interface Assignment {
  /** How far into the config topic it goes: a set of task configs that was committed later is for the next one to share out. */
  readonly offset: number;
  hasConnector(name: string): boolean;
  hasTask(connector: string, task: number): boolean;
}

/** All of it: the assignment of a worker that is alone. */
export const EVERYTHING: Assignment = {
  offset: Number.POSITIVE_INFINITY,
  hasConnector: () => true,
  hasTask: () => true,
};

/** That of a worker which has not been given any yet. */
export const NOTHING: Assignment = { offset: -1, hasConnector: () => false, hasTask: () => false };

/** Whether there is other work to share out than when the assignment was made. */
export function needsRebalance(state: ConfigState, { offset }: Assignment): boolean {
  return state.workOffset > offset;
}

/** One step from what runs to what should. */
export type Action =
  | { readonly type: 'stop-task'; readonly connector: string; readonly task: number; readonly destroyed: boolean }
  | { readonly type: 'stop-connector'; readonly connector: string; readonly destroyed: boolean }
  | { readonly type: 'start-connector'; readonly connector: string }
  | { readonly type: 'change-connector'; readonly connector: string; readonly targetState: TargetState }
  | { readonly type: 'start-task'; readonly connector: string; readonly task: number }
  | { readonly type: 'pause-task'; readonly connector: string; readonly task: number }
  | { readonly type: 'resume-task'; readonly connector: string; readonly task: number };

/** The config that a task should run with on this worker, or undefined if it should not run here. */
export function wantedTask(state: ConfigState, mine: Assignment, connector: string, task: number): Props | undefined {
  const entry = connectorOf(state, connector);
  if (!entry || entry.targetState === 'STOPPED' || entry.inconsistent || !mine.hasTask(connector, task))
    return undefined;
  return entry.tasks[task];
}

/**
 * The steps that bring what runs in line with the configs, in the order to take them: stops first. A connector or task whose config
 * is another object than the one it was started with is started anew.
 */
export function plan(state: ConfigState, running: Running, mine: Assignment = EVERYTHING): readonly Action[] {
  const stops: Action[] = [];
  const starts: Action[] = [];
  for (const { connector, task, config, paused } of running.tasks) {
    const wanted = wantedTask(state, mine, connector, task);
    if (wanted !== config) {
      const entry = connectorOf(state, connector);
      const destroyed = !entry || entry.targetState === 'STOPPED' || task >= entry.tasks.length;
      stops.push({ type: 'stop-task', connector, task, destroyed });
      continue;
    }
    const pause = connectorOf(state, connector)!.targetState === 'PAUSED';
    if (pause !== paused) starts.push({ type: pause ? 'pause-task' : 'resume-task', connector, task });
  }
  for (const [connector, { config, targetState }] of running.connectors) {
    const entry = connectorOf(state, connector);
    if (!entry || !mine.hasConnector(connector)) stops.push({ type: 'stop-connector', connector, destroyed: !entry });
    else if (entry.config !== config) starts.push({ type: 'start-connector', connector });
    else if (entry.targetState !== targetState)
      starts.push({ type: 'change-connector', connector, targetState: entry.targetState });
  }
  const runningTasks = new Map(running.tasks.map((one) => [taskKey(one), one.config]));
  for (const connector of connectorNames(state)) {
    if (mine.hasConnector(connector) && !running.connectors.has(connector))
      starts.push({ type: 'start-connector', connector });
    const { tasks, tasksOffset } = connectorOf(state, connector)!;
    // Elsewhere tasks of the set before may still run: the next assignment is made when they have been stopped.
    if (tasksOffset > mine.offset) continue;
    tasks.forEach((_config, task) => {
      const wanted = wantedTask(state, mine, connector, task);
      if (wanted && runningTasks.get(taskKey({ connector, task })) !== wanted)
        starts.push({ type: 'start-task', connector, task });
    });
  }
  return [...stops, ...starts];
}

/** Whether a step ends something. */
export function isStop({ type }: Action): boolean {
  return type === 'stop-task' || type === 'stop-connector';
}
