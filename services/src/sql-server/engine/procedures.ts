import type { Name } from '../sql/ast.ts';
import { SqlError, sqlError } from './errors.ts';
import type { LockMode } from './locks.ts';
import type { Session } from './session.ts';
import type { SqlValue } from './types.ts';

export interface Argument {
  readonly name: string | undefined;
  readonly value: SqlValue;
}

/**
 * Executes a procedure of the system.
 *
 * @returns its return status
 * @throws SqlError 2812 for those that are not there
 */
export async function executeProcedure(
  name: Name,
  args: readonly Argument[],
  session: Session,
  signal: AbortSignal,
): Promise<number> {
  switch (name.at(-1)!.toLowerCase()) {
    case 'sp_getapplock':
      return getLock(
        named(args, ['@resource', '@lockmode', '@lockowner', '@locktimeout', '@dbprincipal']),
        session,
        signal,
      );
    case 'sp_releaseapplock':
      return releaseLock(named(args, ['@resource', '@lockowner', '@dbprincipal']), session);
    default:
      throw sqlError(2812, name.join('.'));
  }
}

function named(args: readonly Argument[], names: readonly string[]): Map<string, string> {
  return new Map(
    args.map(({ name, value }, at) => {
      const own = name?.toLowerCase() ?? names[at] ?? '';
      if (!names.includes(own)) throw sqlError(8145, own.replace('@', ''), 'sp_getapplock');
      return [own, String(value)];
    }),
  );
}

const MODES: Record<string, LockMode> = {
  exclusive: 'X',
  update: 'U',
  shared: 'S',
  intentexclusive: 'X',
  intentshared: 'S',
};
const PARAMETER_ERROR = -999;
const TIMED_OUT = -1;
const VICTIM = -3;

async function getLock(args: ReadonlyMap<string, string>, session: Session, signal: AbortSignal): Promise<number> {
  const mode = MODES[(args.get('@lockmode') ?? '').toLowerCase()];
  const ofSession = (args.get('@lockowner') ?? 'Transaction').toLowerCase() === 'session';
  if (!mode || (!ofSession && session.transaction.count === 0)) return PARAMETER_ERROR;
  const name = lockName(args);
  const timeout = Number(args.get('@locktimeout') ?? session.settings.lockTimeout);
  const { locks } = session.database;
  let waited = false;
  try {
    const granted = locks.acquire(session, name, mode, timeout, signal);
    setImmediate(() => {
      waited = locks.held(session, name) === undefined;
    });
    await granted;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return error.number === 1205 ? VICTIM : TIMED_OUT;
  }
  if (ofSession) session.locks.add(name);
  else session.transaction.holds(name, locks);
  return waited ? 1 : 0;
}

function releaseLock(args: ReadonlyMap<string, string>, session: Session): number {
  const name = lockName(args);
  const { locks } = session.database;
  if (locks.held(session, name) === undefined) return PARAMETER_ERROR;
  locks.release(session, name);
  session.locks.delete(name);
  return 0;
}

const lockName = (args: ReadonlyMap<string, string>): string => `app ${args.get('@resource') ?? ''}`;
