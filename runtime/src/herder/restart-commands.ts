import { connectorOf, type RestartAsked } from '../store/config-state.ts';
import type { ConfigStore } from '../store/config-store.ts';
import type { StatusStore } from '../store/status-store.ts';
import type { ConnectorStateInfo } from './entities.ts';
import { NotFoundError } from './errors.ts';
import type { Executor } from './executor.ts';
import type { InCharge } from './in-charge.ts';
import type { Membership } from './membership.ts';
import type { Reconciler } from './reconciler.ts';
import { type RestartRequest, restartPlan } from './restart-plan.ts';

export interface RestartCommandsOptions {
  readonly configs: ConfigStore;
  readonly statuses: StatusStore;
  readonly executor: Executor;
  readonly membership: Membership;
  readonly line: Reconciler;
  readonly inCharge: InCharge;
  /** The states of a connector and its tasks. @throws NotFoundError */
  readonly status: (name: string) => ConnectorStateInfo;
}

/** Restarts, here or on the workers that have what is to be restarted. */
export class RestartCommands {
  readonly #options: RestartCommandsOptions;

  constructor(options: RestartCommandsOptions) {
    this.#options = options;
  }

  /** @returns the planned states if tasks or a choice are asked for, else null @throws NotFoundError */
  restart(name: string, request: RestartRequest): Promise<ConnectorStateInfo | null> {
    const { configs, executor, inCharge, status } = this.#options;
    if (!request.includeTasks && !request.onlyFailed) {
      return inCharge.asOwner(name, undefined, async () => {
        this.#tasksOf(name);
        await executor.restart(name, true, []);
        return null;
      });
    }
    return inCharge.asLeader('Only the leader can process restart requests.', async () => {
      this.#tasksOf(name);
      const planned = restartPlan(status(name), request);
      await configs.putRestart(name, request.includeTasks, request.onlyFailed);
      return planned.state;
    });
  }

  /** A restart that was asked for in the config topic: each worker restarts what it has. */
  async apply({ connector, ...request }: RestartAsked): Promise<void> {
    const { configs, executor, membership, statuses, line, status } = this.#options;
    if (!connectorOf(configs.state, connector) || !statuses.connector(connector)) return;
    const { assignment } = membership;
    const planned = restartPlan(status(connector), request);
    await executor.restart(
      connector,
      planned.connector && assignment.hasConnector(connector),
      planned.tasks.filter((task) => assignment.hasTask(connector, task)),
    );
    await line.workOff();
  }

  /** @throws NotFoundError */
  restartTask(name: string, task: number): Promise<void> {
    const { executor, inCharge, line } = this.#options;
    return inCharge.asOwner(name, task, async () => {
      if (!this.#tasksOf(name)[task]) throw new NotFoundError(`Unknown task: ${name}-${task}`);
      await executor.stopTask(name, task);
      line.reconcile();
    });
  }

  /** Starts a failed task of this worker again, or (null) a failed connector. What is gone or has not failed is left alone. */
  restartFailed(name: string, task: number | null): Promise<void> {
    const { executor, statuses, line } = this.#options;
    return line.run(async () => {
      const { connectors, tasks } = executor.running;
      const mine =
        task === null
          ? connectors.has(name)
          : tasks.some((running) => running.connector === name && running.task === task);
      const status = task === null ? statuses.connector(name) : statuses.task(name, task);
      if (mine && status?.state === 'FAILED') await executor.restart(name, task === null, task === null ? [] : [task]);
      line.reconcile();
    });
  }

  #tasksOf(name: string) {
    const entry = connectorOf(this.#options.configs.state, name);
    if (!entry) throw new NotFoundError(`Unknown connector: ${name}`);
    return entry.tasks;
  }
}
