import type { Logger, Props } from '@tributary/api';
import { type ConnectorEntry, connectorOf } from '../store/config-state.ts';
import type { ConfigStore } from '../store/config-store.ts';
import { NotFoundError } from './errors.ts';
import { type InCharge, staleConfig } from './in-charge.ts';
import type { LeaderWork } from './peers.ts';
import type { Reconciler } from './reconciler.ts';
import { sameConfigs } from './task-configs.ts';

export interface LeaderTasksOptions {
  readonly configs: ConfigStore;
  readonly line: Reconciler;
  readonly inCharge: InCharge;
  /** Keeps so many earlier tasks of a source from writing; null where none can be left behind. */
  readonly fence: ((connector: string, tasks: number) => Promise<void>) | null;
  readonly log: Logger;
}

/** What the leader does for the workers that have connectors and tasks. */
export class LeaderTasks implements LeaderWork {
  readonly #options: LeaderTasksOptions;
  /** Fencing under way, by connector. */
  readonly #fencing = new Map<string, Promise<void>>();

  constructor(options: LeaderTasksOptions) {
    this.#options = options;
  }

  /** Of a connector that was stopped meanwhile they are dropped. */
  putTaskConfigs(name: string, tasks: readonly Props[]): Promise<void> {
    const { configs, line, inCharge } = this.#options;
    return line.run(async () => {
      await inCharge.leads('Only the leader may write task configurations.');
      const entry = this.#entry(name);
      if (entry.targetState === 'STOPPED') return;
      if (entry.inconsistent || !sameConfigs(tasks, entry.tasks)) await configs.putTasks(name, tasks);
    });
  }

  /**
   * Before the first task of a new set starts, those of the set before it must not write any longer, on whichever worker they may
   * still run (KIP-618).
   */
  fenceZombies(name: string): Promise<void> {
    const under = this.#fencing.get(name) ?? this.#fence(name).finally(() => this.#fencing.delete(name));
    this.#fencing.set(name, under);
    return under;
  }

  async #fence(name: string): Promise<void> {
    const { configs, inCharge, fence, log } = this.#options;
    await inCharge.leads('Only the leader may perform zombie fencing.');
    await configs.refresh();
    const { fencedTasks, pendingFencing, tasks, tasksOffset } = this.#entry(name);
    if (!pendingFencing) return;
    if (fencedTasks && fence) {
      await fence(name, fencedTasks);
      log.info(`${fencedTasks} earlier tasks of ${name} are fenced`, { connector: name });
    }
    if (this.#entry(name).tasksOffset !== tasksOffset) throw staleConfig();
    await configs.putFencing(name, tasks.length);
  }

  #entry(name: string): ConnectorEntry {
    const entry = connectorOf(this.#options.configs.state, name);
    if (!entry) throw new NotFoundError(`Connector ${name} not found`);
    return entry;
  }
}
