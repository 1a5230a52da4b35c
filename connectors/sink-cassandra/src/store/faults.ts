import { ConfigError, DataError } from '@tributary/api';
import type { Fault } from '@tributary/sink-kit';
import { errors, types } from 'cassandra-driver';
import { SchemaError } from './schema-error.ts';

const { responseErrorCodes: codes } = types;

const BY_CODE = new Map<number, Fault['kind']>([
  [codes.serverError, 'transient'],
  [codes.badCredentials, 'fatal'],
  [codes.unavailableException, 'down'],
  [codes.overloaded, 'down'],
  [codes.isBootstrapping, 'down'],
  [codes.truncateError, 'transient'],
  [codes.writeTimeout, 'transient'],
  [codes.readTimeout, 'transient'],
  [codes.writeFailure, 'transient'],
  [codes.readFailure, 'transient'],
  [codes.syntaxError, 'fatal'],
  [codes.unauthorized, 'fatal'],
  [codes.invalid, 'data'],
  [codes.configError, 'fatal'],
  [codes.unprepared, 'transient'],
]);

/** What a node does not have, though it was there when the rows were made: it may not have heard of it yet, as when another task has just added it. */
const MISSING =
  /^(?:undefined column name|unknown identifier|unconfigured table|(?:table|keyspace) \S+ does not exist)/i;

/** What the driver says of connections that are closed, or of a node that is not ready yet, in errors that tell nothing else. It does so where it prepares. */
const NO_CONNECTION: ReadonlySet<string> = new Set([
  'No connection available',
  'Connection closed',
  'Connection timeout',
  'Connection reference has been lost when reconnecting',
  'Information from system.local could not be retrieved',
]);

/** What an error of a write means. */
export function faultOf(error: unknown): Fault {
  return { kind: kindOf(error) };
}

function kindOf(error: unknown): Fault['kind'] {
  if (error instanceof SchemaError) return 'transient';
  if (error instanceof DataError) return 'data';
  if (error instanceof errors.ResponseError && MISSING.test(error.message)) return 'transient';
  if (error instanceof errors.ResponseError) return BY_CODE.get(error.code) ?? 'fatal';
  if (error instanceof errors.NoHostAvailableError) return kindOfHosts(hostErrors(error));
  if (error instanceof errors.AuthenticationError) return 'fatal';
  if (error instanceof errors.OperationTimedOutError) return 'down';
  if (error instanceof errors.BusyConnectionError) return 'transient';
  if (error instanceof ConfigError) return 'fatal';
  return isOfConnection(error) ? 'down' : 'unknown';
}

/** The errors of the nodes that were tried, by their address. */
export const hostErrors = (error: errors.NoHostAvailableError): ReadonlyMap<string, unknown> =>
  new Map(Object.entries((error.innerErrors ?? {}) as Record<string, unknown>));

function kindOfHosts(hosts: ReadonlyMap<string, unknown>): Fault['kind'] {
  const kinds = [...hosts.values()].filter((error) => error instanceof Error).map(kindOf);
  // One node that cannot be reached tells of the others that it may be the same with them. What is unknown is the driver's own, such as a node
  // that it has no connection to yet.
  return kinds.length > 0 && kinds.every((kind) => kind !== 'down' && kind !== 'unknown') ? kinds[0]! : 'down';
}

function isOfConnection(error: unknown): boolean {
  const { code, isSocketError, requestNotWritten } = (error ?? {}) as {
    code?: unknown;
    isSocketError?: unknown;
    requestNotWritten?: unknown;
  };
  return (
    (error instanceof Error && NO_CONNECTION.has(error.message)) ||
    isSocketError === true ||
    requestNotWritten === true ||
    (typeof code === 'string' && /^E[A-Z]/.test(code))
  );
}

/**
 * Whether the schema may have changed since the statement was made: worth a look before anything else is concluded. A statement that
 * cannot be prepared anew comes out of the driver as one that no node has.
 */
export function hintsAtSchema(error: unknown): boolean {
  if (error instanceof errors.NoHostAvailableError) return [...hostErrors(error).values()].some(hintsAtSchema);
  return error instanceof errors.ResponseError && OF_SCHEMA.has(error.code);
}

const OF_SCHEMA: ReadonlySet<number> = new Set([
  codes.invalid,
  codes.syntaxError,
  codes.configError,
  codes.unprepared,
  codes.serverError,
]);
