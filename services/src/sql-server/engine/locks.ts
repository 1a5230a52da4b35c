import { type SqlError, sqlError } from './errors.ts';

/** Shared, update, exclusive. */
export type LockMode = 'S' | 'U' | 'X';

export interface LockOwner {
  /** The session's number, as errors name it. */
  readonly id: number;
}

interface Waiter {
  readonly owner: LockOwner;
  readonly mode: LockMode;
  readonly grant: () => void;
}

interface Resource {
  readonly holders: Map<LockOwner, LockMode>;
  readonly waiters: Waiter[];
}

const compatible = (held: LockMode, wanted: LockMode): boolean =>
  (held === 'S' && wanted !== 'X') || (held === 'U' && wanted === 'S');
const stronger = (left: LockMode, right: LockMode): LockMode =>
  'SUX'.indexOf(left) > 'SUX'.indexOf(right) ? left : right;

/** Locks by name. Who waits in a circle is told so at once, and is the victim. */
export class LockManager {
  readonly #resources = new Map<string, Resource>();

  /**
   * Takes a lock, or makes it stronger, and waits while others stand in the way.
   *
   * @param timeoutMs no limit if negative
   * @throws SqlError 1205 deadlock, 1222 time-out; what the signal was aborted with
   */
  async acquire(owner: LockOwner, name: string, mode: LockMode, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const resource = this.#resource(name);
    const held = resource.holders.get(owner);
    const wanted = held === undefined ? mode : stronger(held, mode);
    if (held === wanted) return;
    if (this.#free(resource, owner, wanted) && (held !== undefined || resource.waiters.length === 0)) {
      resource.holders.set(owner, wanted);
      return;
    }
    if (timeoutMs === 0) throw sqlError(1222);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { owner, mode: wanted, grant: resolve };
    resource.waiters.push(waiter);
    const leave = (error: SqlError | Error): void => {
      const at = resource.waiters.indexOf(waiter);
      if (at !== -1) resource.waiters.splice(at, 1);
      this.#grant(name, resource);
      reject(error);
    };
    if (this.#waitsFor(owner, owner, new Set())) leave(sqlError(1205, owner.id));
    const onAbort = (): void => leave(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    const timer = timeoutMs > 0 ? setTimeout(() => leave(sqlError(1222)), timeoutMs) : undefined;
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  release(owner: LockOwner, name: string): void {
    const resource = this.#resources.get(name);
    if (!resource?.holders.delete(owner)) return;
    this.#grant(name, resource);
  }

  held(owner: LockOwner, name: string): LockMode | undefined {
    return this.#resources.get(name)?.holders.get(owner);
  }

  #resource(name: string): Resource {
    let resource = this.#resources.get(name);
    if (!resource) {
      resource = { holders: new Map(), waiters: [] };
      this.#resources.set(name, resource);
    }
    return resource;
  }

  #free(resource: Resource, owner: LockOwner, mode: LockMode): boolean {
    for (const [other, held] of resource.holders) if (other !== owner && !compatible(held, mode)) return false;
    return true;
  }

  #grant(name: string, resource: Resource): void {
    while (resource.waiters.length > 0) {
      const next = resource.waiters[0]!;
      if (!this.#free(resource, next.owner, next.mode)) return;
      resource.waiters.shift();
      resource.holders.set(next.owner, next.mode);
      next.grant();
    }
    if (resource.holders.size === 0) this.#resources.delete(name);
  }

  /** Whether one waits, through others, for the other. */
  #waitsFor(from: LockOwner, to: LockOwner, seen: Set<LockOwner>): boolean {
    for (const { holders, waiters } of this.#resources.values()) {
      const at = waiters.findIndex(({ owner }) => owner === from);
      if (at === -1) continue;
      const { mode } = waiters[at]!;
      const before = [
        ...[...holders].filter(([owner, held]) => owner !== from && !compatible(held, mode)).map(([owner]) => owner),
        ...waiters.slice(0, at).map(({ owner }) => owner),
      ];
      for (const owner of before) {
        if (owner === to) return true;
        if (seen.has(owner)) continue;
        seen.add(owner);
        if (this.#waitsFor(owner, to, seen)) return true;
      }
    }
    return false;
  }
}
