import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, messageOf, type Props } from '@tributary/api';
import { ConflictError, NotFoundError, RequestTargetError } from './errors.ts';
import type { Membership } from './membership.ts';
import type { LeaderWork, Peers } from './peers.ts';

const [SHORTEST_MS, LONGEST_MS] = [100, 10_000];

/** Has the leader do what it alone may, wherever it is; waits while there is none, or while it cannot be reached. */
export class LeaderCalls {
  readonly #membership: Membership;
  readonly #own: LeaderWork;
  readonly #peers: Peers;
  readonly #log: Logger;

  constructor(membership: Membership, own: LeaderWork, peers: Peers, log: Logger) {
    this.#membership = membership;
    this.#own = own;
    this.#peers = peers;
    this.#log = log;
  }

  /** @throws NotFoundError if the connector is gone; what `signal` says when it is aborted */
  putTasks(connector: string, configs: readonly Props[], signal: AbortSignal): Promise<void> {
    return this.#persist(`hand in the task configs of ${connector}`, connector, signal, (url) =>
      url === null ? this.#own.putTaskConfigs(connector, configs) : this.#peers.putTaskConfigs(url, connector, configs),
    );
  }

  /** @throws NotFoundError if the connector is gone; what `signal` says when it is aborted */
  fence(connector: string, signal: AbortSignal): Promise<void> {
    return this.#persist(`have the earlier tasks of ${connector} fenced`, connector, signal, (url) =>
      url === null ? this.#own.fenceZombies(connector) : this.#peers.fenceZombies(url, connector),
    );
  }

  async #persist(
    what: string,
    connector: string,
    signal: AbortSignal,
    call: (leaderUrl: string | null) => Promise<void>,
  ): Promise<void> {
    for (let pause = SHORTEST_MS; ; pause = Math.min(2 * pause, LONGEST_MS)) {
      signal.throwIfAborted();
      const { leader, leaderUrl } = this.#membership;
      try {
        if (!leader && leaderUrl === null) throw new ConflictError('the leader is not known');
        await call(leader ? null : leaderUrl);
        return;
      } catch (error) {
        if (error instanceof NotFoundError) throw error;
        // As long as leadership moves this is no more than to be expected.
        const passing = error instanceof ConflictError || error instanceof RequestTargetError;
        this.#log[passing ? 'info' : 'warn'](`Cannot ${what} yet, it is tried again: ${messageOf(error)}`, {
          connector,
        });
        await sleep(pause, undefined, { signal });
      }
    }
  }
}
