import { type CassandraOptions, cassandra } from './cassandra.ts';
import { askRun } from './run-services.ts';

/** Names the address of a Cassandra to use instead of one that a test run or process starts. */
const VARIABLE = 'TRIBUTARY_TEST_CASSANDRA';

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
 * A Cassandra with one node for tests: `$TRIBUTARY_TEST_CASSANDRA` (`host:port`), else the one of the test run, else one of this
 * process's own; started at the first call, and ended with the run or the process. Others may use it at the same time: give keyspaces names of their own.
 */
export function sharedCassandra(): Promise<CassandraAddress> {
  const given = process.env[VARIABLE];
  if (given) return Promise.resolve(addressIn(given));
  own ??= askRun('cassandra').then((address) =>
    address === undefined ? cassandra({ ...TEST_CASSANDRA, keepAlive: false }) : addressIn(address),
  );
  return own;
}

function addressIn(text: string): CassandraAddress {
  const match = /^(.+):(\d+)$/.exec(text);
  if (!match) throw new Error(`a Cassandra's address (${VARIABLE}) is host:port, not ${text}`);
  return { contactPoint: match[1]!, port: Number(match[2]), localDc: 'datacenter1' };
}
