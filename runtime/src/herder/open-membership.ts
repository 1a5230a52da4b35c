import { hostname } from 'node:os';
import type { Logger } from '@tributary/api';
import type { Broker } from '../broker/port.ts';
import { connectProtocol } from '../config/distributed-config.ts';
import type { WorkerConfig } from '../config/worker-config.ts';
import { alone } from './alone.ts';
import { GroupMembership } from './group/group-membership.ts';
import type { Membership } from './membership.ts';

/** The longest that a `group.instance.id` may be. */
const MAX_LENGTH = 249;

/** A name that the same worker has again when it comes back. */
const instanceOf = (workerId: string): string =>
  `${hostname()}-${workerId}`.replace(/[^a-zA-Z0-9._-]/g, '-').slice(0, MAX_LENGTH);

/** The worker's place among the workers of its group, or alone where the log allows for one worker only. */
export function openMembership(
  broker: Broker,
  config: WorkerConfig,
  { url, workerId }: { readonly url: string; readonly workerId: string },
  log: Logger,
  onFatal: (reason: string) => void,
): Membership {
  const { member } = broker;
  if (!member) return alone(url);
  return new GroupMembership({
    member: (options) => member.call(broker, options),
    groupId: config['group.id'],
    groupInstanceId: config['group.instance.id'] ?? instanceOf(workerId),
    url: `${url}/`,
    protocol: connectProtocol(config),
    sessionTimeoutMs: config['session.timeout.ms'],
    heartbeatIntervalMs: config['heartbeat.interval.ms'],
    rebalanceTimeoutMs: config['rebalance.timeout.ms'],
    syncTimeoutMs: config['worker.sync.timeout.ms'],
    maxDelayMs: config['scheduled.rebalance.max.delay.ms'],
    log,
    onFatal,
  });
}
