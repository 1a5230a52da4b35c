/**
 * What can go wrong between the cluster and us, and what cures it. Inside the adapter a fault that may pass is a `TransientFault`;
 * only `retry.ts` turns it into an error of the port, once the time for it is over.
 */

import { BrokerError, ProducerFencedError } from '../errors.ts';
import { protocolErrorsCodesById } from './library.ts';

/** Passes if tried again: a lost connection, a leader that moved, a coordinator that loads. */
export class TransientFault extends Error {
  /** Where the next attempt should wait less or more than the usual backoff. Milliseconds. */
  readonly delayMs: number | undefined;
  /** The request may have been carried out although no answer came. */
  readonly ambiguous: boolean;

  constructor(message: string, options: ErrorOptions & { delayMs?: number; ambiguous?: boolean } = {}) {
    super(message, options);
    this.name = 'TransientFault';
    this.delayMs = options.delayMs;
    this.ambiguous = options.ambiguous ?? false;
  }
}

const NAMES: Readonly<Record<number, string>> = protocolErrorsCodesById;

/** Kafka's name of an error code, such as `NOT_COORDINATOR`. */
export function errorName(code: number): string {
  return NAMES[code] ?? `UNKNOWN_ERROR_${code}`;
}

/** The partition's leader is elsewhere or not there: look at the metadata again. */
const LEADERSHIP: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
  'REPLICA_NOT_AVAILABLE',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'KAFKA_STORAGE_ERROR',
  'LISTENER_NOT_FOUND',
  'OFFSET_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID',
]);

/** The coordinator of the group or transaction is elsewhere: find it again. */
const COORDINATION: ReadonlySet<string> = new Set([
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
]);

const PASSING: ReadonlySet<string> = new Set([
  ...LEADERSHIP,
  ...COORDINATION,
  'REQUEST_TIMED_OUT',
  'NETWORK_EXCEPTION',
  'BROKER_NOT_AVAILABLE',
  'NOT_CONTROLLER',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'CORRUPT_MESSAGE',
  'THROTTLING_QUOTA_EXCEEDED',
  'CONCURRENT_TRANSACTIONS',
  'UNSTABLE_OFFSET_COMMIT',
]);

export function isLeadershipError(name: string): boolean {
  return LEADERSHIP.has(name);
}

export function isCoordinationError(name: string): boolean {
  return COORDINATION.has(name);
}

export function isPassingError(name: string): boolean {
  return PASSING.has(name);
}

const FENCED: ReadonlySet<string> = new Set(['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH']);

const REMEDIES: Readonly<Record<string, string>> = {
  TOPIC_AUTHORIZATION_FAILED: 'grant the principal the needed operation on the topic',
  GROUP_AUTHORIZATION_FAILED: 'grant the principal READ on the group',
  CLUSTER_AUTHORIZATION_FAILED: 'grant the principal the needed operation on the cluster',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'grant the principal WRITE on the transactional id',
  INVALID_TRANSACTION_TIMEOUT: "lower the transaction timeout or raise the broker's transaction.max.timeout.ms",
  INVALID_SESSION_TIMEOUT:
    'choose a session.timeout.ms between the broker’s group.min.session.timeout.ms and group.max.session.timeout.ms',
  INVALID_REPLICATION_FACTOR: 'choose a replication factor of at most the number of brokers',
  UNSUPPORTED_VERSION: 'Kafka 2.8 or later is needed',
  FENCED_INSTANCE_ID: 'another member has joined with the same group.instance.id and has its place',
  INCONSISTENT_GROUP_PROTOCOL: 'the group has members of another kind: choose another group id',
};

/** The error for an answer that another attempt would not change. `doing` reads like "Committing offsets of group orders". */
export function refusal(doing: string, name: string, detail?: string | null): BrokerError {
  const remedy = REMEDIES[name];
  const text = `${doing} failed: ${name}${detail ? ` (${detail})` : ''}${remedy ? `; ${remedy}` : ''}`;
  return FENCED.has(name) ? new ProducerFencedError(text, { code: name }) : new BrokerError(text, { code: name });
}

/** Throws for every code but 0: a `TransientFault` where another attempt may help, else a `BrokerError`. */
export function check(doing: string, code: number, detail?: string | null): void {
  if (code === 0) return;
  const name = errorName(code);
  throw isPassingError(name) ? new TransientFault(`${doing}: ${name}`) : refusal(doing, name, detail);
}
