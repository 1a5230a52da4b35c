import { ConnectError, DataError } from '@tributary/api';
import type { Fault } from '@tributary/sink-kit';

/** What the sink itself raises in SQL when a table is not what it was any more. */
export const TABLE_CHANGED = 51_301;
/** Another task has taken over the offsets. */
export const FENCED = 51_302;
/** The offsets have moved, though no other task has them: by a commit whose answer never came. */
export const OFFSETS_MOVED = 51_303;

/** The session was chosen to give way to another; it may try again at once. */
export const DEADLOCK = 1205;

/** Another attempt may succeed: deadlocks, locks, conflicts of snapshots, memory, full logs, and what Azure says when it is busy. */
const TRANSIENT = new Set([
  701,
  802,
  845,
  1105,
  1204,
  1205,
  1221,
  1222,
  3960,
  3961,
  8645,
  8651,
  9002,
  10922,
  10928,
  10929,
  10936,
  // A row of a temporal table was changed by a transaction that began later.
  13535,
  40197,
  40501,
  40549,
  40550,
  40551,
  40552,
  40553,
  41301,
  41302,
  41305,
  41325,
  41839,
  49918,
  49919,
  49920,
  TABLE_CHANGED,
  OFFSETS_MOVED,
]);

/** The server or the database cannot be reached: it starts, stops, recovers, or is the wrong half of a pair. */
const DOWN = new Set([
  64, 121, 233, 596, 615, 617, 921, 922, 923, 927, 942, 945, 952, 976, 978, 979, 982, 983, 3906, 4060, 4221, 6001, 6002,
  6005, 10053, 10054, 10060, 10061, 11001, 17142, 17197, 17809, 18401, 18451, 18461, 35250, 40020, 40143, 40166, 40532,
  40540, 40613, 42108, 42109,
]);

/** Nothing gets better by another record: logins, permissions, names, statements. */
const FATAL = new Set([
  102,
  156,
  201,
  207,
  208,
  213,
  229,
  230,
  262,
  271,
  272,
  297,
  300,
  544,
  545,
  911,
  916,
  1088,
  1934,
  2760,
  2812,
  4405,
  4406,
  4413,
  4417,
  8101,
  8102,
  8106,
  8107,
  10794,
  13536,
  13537,
  15247,
  18452,
  18456,
  18470,
  18486,
  18487,
  18488,
  40544,
  41317,
  41333,
  41368,
  FENCED,
]);

/** The table is not what it was when its columns were looked up. */
const STALE = new Set([207, 208, 213, 1088, 4413, TABLE_CHANGED]);

/** A login that failed, with what the server said about it, of which the driver keeps the last sentence only. */
export class LoginError extends ConnectError {
  static override readonly kind: string = 'LoginError';
  readonly numbers: readonly number[];

  constructor(message: string, numbers: readonly number[], options?: ErrorOptions) {
    super(message, options);
    this.numbers = numbers;
  }
}

/** A table is not there, or not any more. It may come back: somebody is changing the database. */
export class MissingTableError extends ConnectError {
  static override readonly kind: string = 'MissingTableError';
}

interface DriverError {
  readonly code?: unknown;
  readonly number?: unknown;
  readonly class?: unknown;
  readonly message?: unknown;
}

/** An error and those in it, the first being what happened first. */
function* chain(error: unknown): Iterable<DriverError> {
  if (typeof error !== 'object' || error === null) return;
  if (error instanceof AggregateError) {
    for (const inner of error.errors) yield* chain(inner);
    return;
  }
  yield error;
  if (error instanceof Error && error.cause !== undefined) yield* chain(error.cause);
  yield* chain((error as { originalError?: unknown }).originalError);
}

/** The numbers of SQL Server's errors in an error, in their order. */
export function errorNumbers(error: unknown): readonly number[] {
  const numbers: number[] = [];
  for (const each of chain(error)) {
    if (each instanceof LoginError) numbers.push(...each.numbers);
    else if (typeof each.number === 'number') numbers.push(each.number);
  }
  return numbers;
}

/** What went wrong at first: `connect ECONNREFUSED 127.0.0.1:1433` behind what the driver says of it. */
export function rootMessage(error: unknown): string {
  const messages = [...chain(error)].flatMap(({ message }) => (typeof message === 'string' ? [message] : []));
  const [first = String(error), last = first] = [messages[0], messages.at(-1)];
  return first.includes(last) ? first : `${first}: ${last}`;
}

/** The driver's own codes in an error, such as `ESOCKET`, and those of Node's sockets. */
export function errorCodes(error: unknown): readonly string[] {
  return [...chain(error)].flatMap(({ code }) => (typeof code === 'string' ? [code] : []));
}

/** What Node says of a certificate that it does not trust: no later attempt will make it. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ERR_TLS|ERR_SSL|EENCRYPT/;

const LOST = new Set(['ESOCKET', 'ECLOSE', 'ECONNCLOSED', 'ENOTOPEN', 'EINVALIDSTATE', 'EINSTLOOKUP', 'ECONNRESET']);

/** What an error of the server or the driver means for the batch. */
export function classify(error: unknown): Fault {
  if (error instanceof MissingTableError) return { kind: 'transient' };
  const numbers = errorNumbers(error);
  if (numbers.some((number) => TRANSIENT.has(number))) return { kind: 'transient' };
  if (numbers.some((number) => DOWN.has(number))) return { kind: 'down' };
  if (numbers.some((number) => FATAL.has(number))) return { kind: 'fatal' };
  // No record is to blame for a login that is refused, whatever the reason: a firewall, a policy, one that is not listed.
  if (error instanceof LoginError && numbers.length > 0) return { kind: 'fatal' };
  if (numbers.length > 0) return severity(error);
  if (error instanceof DataError) return { kind: 'data' };
  const codes = errorCodes(error);
  if (codes.some((code) => CERTIFICATE.test(code))) return { kind: 'fatal' };
  if (codes.some((code) => LOST.has(code) || /^E(CONN|HOST|NET|AI_|PIPE|NOTFOUND)/.test(code))) return { kind: 'down' };
  if (codes.includes('ETIMEOUT')) return { kind: error instanceof LoginError ? 'down' : 'transient' };
  return { kind: error instanceof ConnectError ? 'fatal' : 'unknown' };
}

/** Errors that are not listed: up to 16 about what was sent, up to 19 about resources, from 20 on the session is over. */
function severity(error: unknown): Fault {
  const highest = Math.max(...[...chain(error)].map((each) => (typeof each.class === 'number' ? each.class : 0)));
  if (highest >= 20) return { kind: 'down' };
  return { kind: highest >= 17 ? 'transient' : 'data' };
}

export const isStale = (error: unknown): boolean => errorNumbers(error).some((number) => STALE.has(number));

/** Whether the session may still hold what the statement left: none does that was cut off. */
export function leavesSessionWhole(error: unknown): boolean {
  return errorNumbers(error).length > 0 && classify(error).kind !== 'down';
}

const VALUES: readonly (readonly [RegExp, string])[] = [
  [/(duplicate key value is )\(.*\)/is, '$1([hidden])'],
  [/(Truncated value: )'.*'/is, "$1'[hidden]'"],
  [/(converting the \w+ value )'.*'( to data type)/is, "$1'[hidden]'$2"],
];

/** The messages of the server, each with its number, without the values in them if they are not to be seen. */
export function serverMessage(error: unknown, trim: boolean): string {
  const lines = [...chain(error)].flatMap(({ number, message }) =>
    typeof number === 'number' && typeof message === 'string' ? [`SQL Server error ${number}: ${message}`] : [],
  );
  const text = lines.join('; ');
  return trim ? VALUES.reduce((trimmed, [pattern, hidden]) => trimmed.replace(pattern, hidden), text) : text;
}

const REMEDIES: ReadonlyArray<readonly [readonly number[], string]> = [
  [[229, 230, 262, 297, 300, 1088, 15247], 'grant the login the permission'],
  [[911, 916], 'see whether connection.database is right, and whether the login has a user in it'],
  [[2760], 'create the schema, or name another in table.name.format'],
  [[544, 545, 8101, 8102, 271, 272], 'leave the field out by fields.whitelist or the transform ReplaceField'],
];

/** What to do about an error, as the end of a sentence; empty where its message says all. */
export function remedyOf(number: number): string {
  const remedy = REMEDIES.find(([numbers]) => numbers.includes(number))?.[1];
  return remedy === undefined ? '' : ` To mend that, ${remedy}.`;
}
