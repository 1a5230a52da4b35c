import type { Props } from '@tributary/api';

/** What workers ask of their leader, by requests that carry a signature (KIP-507). */
export interface Peers {
  /**
   * Hands in the task configs that a connector has made, for the leader to write to the config topic.
   * @throws NotFoundError if there is no such connector, ConflictError if it can be tried again soon, ConnectError
   */
  putTaskConfigs(leaderUrl: string, connector: string, configs: readonly Props[]): Promise<void>;
  /** Has the leader keep the earlier tasks of a source from writing (KIP-618). @throws as `putTaskConfigs` */
  fenceZombies(leaderUrl: string, connector: string): Promise<void>;
}

/** What the leader does for them. */
export interface LeaderWork {
  /** @throws RequestTargetError if another worker is the leader, NotFoundError, ConflictError */
  putTaskConfigs(connector: string, configs: readonly Props[]): Promise<void>;
  /** @throws RequestTargetError if another worker is the leader, NotFoundError, ConflictError */
  fenceZombies(connector: string): Promise<void>;
}
