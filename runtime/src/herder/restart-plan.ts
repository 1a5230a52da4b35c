import type { ConnectorStateInfo, StateInfo } from './entities.ts';

export interface RestartRequest {
  readonly includeTasks: boolean;
  readonly onlyFailed: boolean;
}

export interface RestartPlan {
  readonly connector: boolean;
  readonly tasks: readonly number[];
  /** The state with `RESTARTING` where something is restarted, as the 202 answer shows it (KIP-745). */
  readonly state: ConnectorStateInfo;
}

/** What a restart request means, given the states. */
export function restartPlan(state: ConnectorStateInfo, { includeTasks, onlyFailed }: RestartRequest): RestartPlan {
  const chosen = ({ state: now }: StateInfo): boolean => !onlyFailed || now === 'FAILED';
  const connector = chosen(state.connector);
  const tasks = includeTasks ? state.tasks.filter(chosen).map(({ id }) => id) : [];
  return {
    connector,
    tasks,
    state: {
      ...state,
      connector: connector ? { ...state.connector, state: 'RESTARTING' } : state.connector,
      tasks: state.tasks.map((task) => (tasks.includes(task.id) ? { ...task, state: 'RESTARTING' } : task)),
    },
  };
}
