import { type ConfigState, connectorNames, connectorOf, type RestartAsked } from './config-state.ts';

/** What one or more records of the config topic have changed: connectors by name. */
export interface ConfigChange {
  /** Created, deleted, or their config written. */
  readonly connectors: readonly string[];
  /** A set of their tasks was committed. */
  readonly tasks: readonly string[];
  /** They were there already, and their target state is another one. */
  readonly targetStates: readonly string[];
  /** What is to be restarted, in the order in which it was asked for. */
  readonly restarts: readonly RestartAsked[];
}

/** Compares two states, of which `after` was made from `before`: a config that was written anew counts even if it says the same. */
export function configChange(
  before: ConfigState,
  after: ConfigState,
  restarts: readonly RestartAsked[] = [],
): ConfigChange {
  const names = connectorNames(after);
  const gone = connectorNames(before).filter((name) => !connectorOf(after, name));
  const was = (name: string) => connectorOf(before, name);
  const is = (name: string) => connectorOf(after, name)!;
  return {
    connectors: [...names.filter((name) => is(name).config !== was(name)?.config), ...gone],
    tasks: names.filter((name) => is(name).tasksOffset !== (was(name)?.tasksOffset ?? -1)),
    targetStates: names.filter((name) => is(name).targetState !== (was(name) ?? is(name)).targetState),
    restarts,
  };
}

/** Whether nothing is different that a worker would act on. */
export function isEmpty({ connectors, tasks, targetStates, restarts }: ConfigChange): boolean {
  return connectors.length + tasks.length + targetStates.length + restarts.length === 0;
}
