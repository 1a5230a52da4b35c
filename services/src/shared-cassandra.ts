import { type CassandraOptions, cassandra } from './cassandra.ts';

/** Names the address of a Cassandra to use instead of one of the process's own. */
export const SHARED_CASSANDRA_VARIABLE = 'TRIBUTARY_TEST_CASSANDRA';

/** How a Cassandra for tests is started: many short runs, no measurements. */
export const TEST_CASSANDRA: CassandraOptions = { jit: 'quick' };

/** Where a Cassandra without passwords and TLS is. */
export interface CassandraAddress {
  readonly contactPoint: string;
  readonly port: number;
  readonly localDc: string;
}

let own: Promise<CassandraAddress> | undefined;

/**
 * A Cassandra with one node for tests: `$TRIBUTARY_TEST_CASSANDRA` (`host:port`), else one of this process's own, started at the
 * first call, which ends with the process. Others may use it at the same time: give keyspaces names of their own.
 */
export function sharedCassandra(): Promise<CassandraAddress> {
  const given = process.env[SHARED_CASSANDRA_VARIABLE];
  if (given) return Promise.resolve(addressIn(given));
  own ??= cassandra({ ...TEST_CASSANDRA, keepAlive: false });
  return own;
}

function addressIn(text: string): CassandraAddress {
  const match = /^(.+):(\d+)$/.exec(text);
  if (!match) throw new Error(`${SHARED_CASSANDRA_VARIABLE} takes host:port, not ${text}`);
  return { contactPoint: match[1]!, port: Number(match[2]), localDc: 'datacenter1' };
}
