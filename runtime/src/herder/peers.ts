import type { Props } from '@tributary/api';

/** What workers ask of their leader, by requests that carry a signature (KIP-507). */
export interface Peers {
  /** Hands in the task configs that a connector has made, for the leader to write to the config topic. */
  putTaskConfigs(leaderUrl: string, connector: string, configs: readonly Props[]): Promise<void>;
  /** Has the leader keep the earlier tasks of a source from writing (KIP-618). */
  fenceZombies(leaderUrl: string, connector: string): Promise<void>;
}
