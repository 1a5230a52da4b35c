import { retryAfterMs } from '@tributary/api';
import type { FaultKind } from '@tributary/sink-kit';
import { InfluxFault } from './fault.ts';
import { type Rejection, rejectionOf } from './rejection.ts';

/** Where a write goes, for messages. */
export interface Destination {
  readonly kind: 'bucket' | 'database';
  readonly name: string;
  readonly org: string | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
}

/** What stands in the way of any write. */
interface Obstacle {
  readonly kind: FaultKind;
  /** The config key to look at. */
  readonly key: string;
  readonly what: string;
  readonly remedy?: string;
}

/**
 * What an answer to a write means: null if everything is stored, a rejection if it has to do with the points.
 * @throws InfluxFault if it has not
 */
export function verdict({ status, body, retryAfter }: HttpAnswer, to: Destination): Rejection | null {
  const stored = status >= 200 && status < 300;
  if (stored && !/"(?:error|message|data)"\s*:/.test(body)) return null;
  const rejection = rejectionOf(status, body);
  const obstacle = stored ? null : obstacleOf(status, rejection.message, to);
  if (obstacle === null) return rejection;
  const { kind, key, what, remedy } = obstacle;
  const said = rejection.message === '' ? status : `${status}: ${shortened(rejection.message)}`;
  throw new InfluxFault(
    `${what} (${said})${remedy === undefined ? '' : `: ${remedy}`}`,
    { kind, retryAfterMs: retryAfterMs(retryAfter) ?? undefined },
    key,
  );
}

function obstacleOf(status: number, message: string, to: Destination): Obstacle | null {
  switch (status) {
    case 400:
    case 413:
    case 422:
      return misdirected(message);
    case 401:
    case 403:
      return unauthorized(status, to);
    case 404:
      return missing(message, to);
    case 502:
    case 503:
    case 504:
      return { kind: 'down', key: 'influxdb.url', what: 'InfluxDB is not available' };
    case 408:
    case 425:
    case 429:
    case 500:
      return { kind: 'transient', key: 'influxdb.url', what: 'InfluxDB could not take a write' };
    default:
      return {
        kind: status > 504 ? 'transient' : 'fatal',
        key: 'influxdb.url',
        what: 'A write has an answer that none of InfluxDB is',
        remedy: 'check influxdb.url',
      };
  }
}

/** Bad requests that are not about points. */
function misdirected(message: string): Obstacle | null {
  if (/^retention policy not found/i.test(message))
    return {
      kind: 'fatal',
      key: 'influxdb.retention.policy',
      what: 'There is no such retention policy',
      remedy: 'check influxdb.retention.policy',
    };
  if (/^please provide either orgID or org/i.test(message))
    return { kind: 'fatal', key: 'influxdb.org', what: 'InfluxDB needs an organization', remedy: 'set influxdb.org' };
  return null;
}

function unauthorized(status: number, { kind, name }: Destination): Obstacle {
  const [key, credentials] =
    kind === 'bucket'
      ? ['influxdb.token', 'influxdb.token']
      : ['influxdb.username', 'influxdb.username and influxdb.password, or influxdb.token'];
  return status === 401
    ? { kind: 'fatal', key, what: 'InfluxDB does not accept the credentials', remedy: `check ${credentials}` }
    : {
        kind: 'fatal',
        key,
        what: `Writing to the ${kind} '${name}' is not allowed`,
        remedy: `give ${credentials} the permission to write to it`,
      };
}

function missing(message: string, { kind, name, org }: Destination): Obstacle {
  if (/^organization\b/i.test(message))
    return {
      kind: 'fatal',
      key: 'influxdb.org',
      what: `There is no organization '${org ?? ''}'`,
      remedy: 'check influxdb.org',
    };
  const key = `influxdb.${kind}`;
  if (/^(?:bucket|database|no dbrp)\b/i.test(message))
    return {
      // It may be on its way back: somebody is changing it.
      kind: 'transient',
      key,
      what: `There is no ${kind} '${name}'${org === null ? '' : ` in the organization '${org}'`} that the credentials can see`,
      remedy: `create it, or check ${key}`,
    };
  return {
    kind: 'fatal',
    key: 'influxdb.url',
    what: 'Nothing takes writes there',
    remedy: `check influxdb.url, and whether the store has /api/v2/write, for influxdb.bucket, or /write, for influxdb.database`,
  };
}

const shortened = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}...` : text);
