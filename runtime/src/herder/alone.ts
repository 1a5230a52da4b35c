import type { Membership } from './membership.ts';
import { EVERYTHING } from './plan.ts';

/** The place of a worker whose log no other worker can use: it leads, and has everything. */
export function alone(url: string): Membership {
  return {
    generation: 0,
    assignment: EVERYTHING,
    leader: true,
    leaderUrl: url,
    ledByJava: false,
    signed: false,
    ownerOf: () => url,
    confirm: async () => true,
    rebalances: () => null,
    settled: async () => true,
    configChanged() {},
    async start(worker) {
      worker.assigned();
    },
    async stop() {},
  };
}
