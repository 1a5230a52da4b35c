/**
 * A name that one client holds at a time, on Kafka's group protocol: the members of the group tell who they are and
 * whether they hold the name, the leader confirms the holder, and everybody else leaves.
 */
import { hostname } from 'node:os';
import { messageOf } from '@tributary/api';
import { BrokerError } from '../errors.ts';
import type { Claim, ClaimOptions } from '../port.ts';
import type { Cluster } from './cluster.ts';
import { type GroupMember, Membership } from './membership.ts';

/** The type under which Java's workers meet: one of them in the group is found out too. */
const PROTOCOL_TYPE = 'connect';
const PROTOCOL = 'tributary-sole-worker';
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEATS_PER_SESSION = 3;

interface Candidate {
  readonly owner: string;
  readonly instance: string;
  readonly holds: boolean;
}

const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const decode = (bytes: Buffer): Candidate => JSON.parse(bytes.toString()) as Candidate;

/** Everybody is told who holds the name: the holder, or else the first to come. */
function assign(members: readonly GroupMember[]): ReadonlyMap<string, Buffer> {
  const candidates = members.map(({ memberId, metadata }) => ({ memberId, ...decode(metadata) }));
  const holder = candidates.find(({ holds }) => holds) ?? candidates[0];
  return new Map(candidates.map(({ memberId }) => [memberId, encode(holder)]));
}

/** A name that the same worker has again when it comes back, in the alphabet of `group.instance.id`. */
const instanceOf = (owner: string): string => `${hostname()}-${owner}`.replace(/[^a-zA-Z0-9._-]/g, '-').slice(0, 249);

/** @throws BrokerError with code ALREADY_CLAIMED */
export async function claimGroup(cluster: Cluster, options: ClaimOptions): Promise<Claim> {
  const { groupId, owner, clientId, onLost, sessionTimeoutMs = SESSION_TIMEOUT_MS } = options;
  const instance = instanceOf(owner);
  let holds = false;
  let released = false;
  const membership = new Membership(cluster, {
    clientId,
    groupId,
    groupInstanceId: instance,
    protocolType: PROTOCOL_TYPE,
    sessionTimeoutMs,
    rebalanceTimeoutMs: sessionTimeoutMs,
    heartbeatIntervalMs: Math.floor(sessionTimeoutMs / HEARTBEATS_PER_SESSION),
    maxIdleMs: Number.POSITIVE_INFINITY,
    protocols: () => [{ name: PROTOCOL, metadata: encode({ owner, instance, holds } satisfies Candidate) }],
    assign: (_protocol, members) => assign(members),
    onChange: () => void keep(),
  });

  const taken = (by: string): BrokerError =>
    new BrokerError(`The group ${groupId} is in use by another worker, ${by}`, { code: 'ALREADY_CLAIMED' });

  async function join(): Promise<void> {
    let holder: Candidate;
    try {
      holder = decode((await membership.join()).assignment);
    } catch (error) {
      if (error instanceof BrokerError && error.code === 'INCONSISTENT_GROUP_PROTOCOL')
        throw taken('which is a Java one or speaks another protocol');
      throw error;
    }
    holds = holder.instance === instance;
    if (!holds) {
      await membership.close(true);
      throw taken(holder.owner);
    }
  }

  async function keep(): Promise<void> {
    if (released) return;
    try {
      // A zombie must not insist: whoever was lost asks as a newcomer.
      if (membership.state === 'lost') holds = false;
      await join();
    } catch (error) {
      if (!released) onLost(messageOf(error));
    }
  }

  await join();
  return {
    async release() {
      released = true;
      await membership.close(true);
    },
  };
}
