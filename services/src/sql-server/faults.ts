import { SqlError, sqlError } from './engine/errors.ts';

/** What is to go wrong, and where. */
export interface SqlServerFault {
  /**
   * Which statements it strikes: part of the text, ignoring case, or a pattern. A batch is matched statement by
   * statement; SET of an option, which drivers send of their own accord, is never struck. A login is `LOGIN`, the rows of a bulk load are `BULK LOAD <table>`, and requests of the transaction manager are
   * `BEGIN TRANSACTION`, `COMMIT TRANSACTION` and `ROLLBACK TRANSACTION`. Default: each.
   */
  readonly match?: string | RegExp;
  /** How many of them. Default 1; Infinity until it is cancelled. */
  readonly times?: number;
  /** How many of them pass before. Default 0. */
  readonly after?: number;
  /** The number of the error that is raised instead of executing the statement; with the text of SQL Server, or one's own. */
  readonly error?:
    | number
    | { readonly number: number; readonly message: string; readonly class?: number; readonly state?: number };
  /**
   * Breaks the connection instead: `unexecuted` before the statement is executed, `executed` after it but before it is
   * answered, `halfway` in the middle of the answer.
   */
  readonly drop?: 'unexecuted' | 'executed' | 'halfway';
  /** Holds the statement back until this settles, before it is executed. */
  readonly until?: Promise<unknown>;
}

/** A fault that was asked for. */
export interface PendingFault {
  /** How often it has struck. */
  readonly struck: number;
  cancel(): void;
}

/** The connection is to break. */
export class ConnectionDropped extends Error {
  readonly answer: 'none' | 'half';

  constructor(answer: 'none' | 'half') {
    super('The connection is broken on purpose.');
    this.answer = answer;
  }
}

class Pending implements PendingFault {
  readonly fault: SqlServerFault;
  struck = 0;
  #passed = 0;
  #cancelled = false;

  constructor(fault: SqlServerFault) {
    this.fault = fault;
  }

  cancel(): void {
    this.#cancelled = true;
  }

  get over(): boolean {
    return this.#cancelled || this.struck >= (this.fault.times ?? 1);
  }

  /** Whether it strikes here. */
  strikes(text: string): boolean {
    const { match, after = 0 } = this.fault;
    if (this.over) return false;
    if (typeof match === 'string' && !text.toLowerCase().includes(match.toLowerCase())) return false;
    if (match instanceof RegExp && !match.test(text)) return false;
    if (this.#passed++ < after) return false;
    this.struck++;
    return true;
  }
}

/** The faults that wait for their statements; of several the one that was asked for first strikes. */
export class Faults {
  #pending: Pending[] = [];

  add(fault: SqlServerFault): PendingFault {
    const pending = new Pending(fault);
    this.#pending.push(pending);
    return pending;
  }

  /** Takes the fault for a statement that is about to be executed. */
  take(text: string): SqlServerFault | undefined {
    const found = this.#pending.find((pending) => pending.strikes(text));
    this.#pending = this.#pending.filter((pending) => !pending.over);
    return found?.fault;
  }
}

/** Lets the fault happen before the statement. @throws SqlError, ConnectionDropped */
export async function strikeBefore(fault: SqlServerFault | undefined, session: number): Promise<void> {
  if (!fault) return;
  if (fault.until) await fault.until;
  if (fault.error !== undefined) throw errorOf(fault.error, session);
  if (fault.drop === 'unexecuted') throw new ConnectionDropped('none');
}

/** Lets it happen after the statement. @throws ConnectionDropped */
export function strikeAfter(fault: SqlServerFault | undefined): void {
  if (fault?.drop === 'executed') throw new ConnectionDropped('none');
  if (fault?.drop === 'halfway') throw new ConnectionDropped('half');
}

function errorOf(error: NonNullable<SqlServerFault['error']>, session: number): SqlError {
  if (typeof error === 'number') return sqlError(error, session, 'faults', 'faults', 'faults');
  const level = error.class ?? 16;
  return new SqlError(error.number, error.message, {
    state: error.state ?? 1,
    class: level,
    reach: level >= 20 ? 'connection' : 'statement',
  });
}
