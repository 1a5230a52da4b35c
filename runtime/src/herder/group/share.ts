import { type TaskId, taskKey } from '../../tasks/task-spec.ts';
import type { Assignment } from '../plan.ts';
import type { MemberAssignment } from './assignor.ts';
import type { WorkShare } from './work.ts';

/** What a worker has after a rebalance: what it had, without what is taken from it, with what is new. */
export function shareAfter(before: WorkShare, { assigned, revoked }: MemberAssignment): WorkShare {
  const lostConnectors = new Set(revoked.connectors);
  const lostTasks = new Set(revoked.tasks.map(taskKey));
  const connectors = new Set([
    ...before.connectors.filter((name) => !lostConnectors.has(name)),
    ...assigned.connectors,
  ]);
  const kept = before.tasks.filter((id) => !lostTasks.has(taskKey(id)));
  const tasks = new Map([...kept, ...assigned.tasks].map((id) => [taskKey(id), id]));
  return { connectors: [...connectors], tasks: [...tasks.values()] };
}

export function isEmpty({ connectors, tasks }: WorkShare): boolean {
  return connectors.length === 0 && tasks.length === 0;
}

/** A share as the plan asks for it. @param offset how far into the config topic its assignment goes */
export function asAssignment(share: WorkShare, offset: number): Assignment {
  const connectors = new Set(share.connectors);
  const tasks = new Set(share.tasks.map(taskKey));
  return {
    offset,
    hasConnector: (name) => connectors.has(name),
    hasTask: (connector, task) => tasks.has(taskKey({ connector, task })),
  };
}

/** Where each connector and task is, by the shares of the workers' URLs. */
export class Owners {
  readonly #connectors = new Map<string, string>();
  readonly #tasks = new Map<string, string>();

  constructor(shares: ReadonlyArray<readonly [url: string, share: WorkShare]>) {
    for (const [url, { connectors, tasks }] of shares) {
      for (const name of connectors) this.#connectors.set(name, url);
      for (const id of tasks) this.#tasks.set(taskKey(id), url);
    }
  }

  connector(name: string): string | null {
    return this.#connectors.get(name) ?? null;
  }

  task(id: TaskId): string | null {
    return this.#tasks.get(taskKey(id)) ?? null;
  }
}
