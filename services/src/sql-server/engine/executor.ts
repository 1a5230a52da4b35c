import type { Statement } from '../sql/ast.ts';
import { type Binding, bindContext, bindStatement, type Variables } from './binding.ts';
import { coerce } from './bound.ts';
import { SqlError, sqlError } from './errors.ts';
import { bindCondition, bindValue } from './expressions.ts';
import { precompile } from './precompile.ts';
import { executeProcedure } from './procedures.ts';
import type { Result } from './run.ts';
import type { Session } from './session.ts';
import { setOption } from './settings.ts';
import { nvarchar, type SqlValue } from './types.ts';

/** Hears what comes of a batch, statement by statement. */
export interface Listener {
  readonly result: (result: Result, statement: Statement) => void;
  readonly error: (error: SqlError) => void;
  readonly message: (text: string) => void;
}

/** Stands before and behind each statement, for faults: it may throw instead of letting it through. */
export interface Gate {
  readonly before: (text: string) => Promise<void>;
  readonly after: (text: string) => Promise<void>;
}

/** Whether the batch goes on. */
type Flow = 'next' | 'end';

/** Executes the statements of a batch in a session. */
export class Executor {
  readonly #session: Session;
  readonly #variables: Variables;
  readonly #listener: Listener;
  readonly #gate: Gate;
  readonly #signal: AbortSignal;
  #tries = 0;

  constructor(session: Session, variables: Variables, listener: Listener, gate: Gate, signal: AbortSignal) {
    this.#session = session;
    this.#variables = variables;
    this.#listener = listener;
    this.#gate = gate;
    this.#signal = signal;
  }

  /** @returns false if an error ended the batch */
  async run(statements: readonly Statement[]): Promise<boolean> {
    try {
      precompile(statements, this.#session, this.#variables);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      this.#listener.error(error);
      return false;
    }
    const flow = await this.#all(statements);
    if (this.#session.transaction.doomed) {
      this.#session.transaction.rollback();
      this.#listener.error(sqlError(3998));
    }
    return flow === 'next' || flow === 'return';
  }

  /** Does the work of a request that is no T-SQL as if it were a statement. */
  async request(text: string, work: () => Promise<void>): Promise<void> {
    await this.#leaf({ line: 1, text }, work);
  }

  async #all(statements: readonly Statement[]): Promise<Flow | 'return'> {
    for (const statement of statements) {
      const flow = await this.#statement(statement);
      if (flow !== 'next') return flow;
    }
    return 'next';
  }

  async #statement(statement: Statement): Promise<Flow | 'return'> {
    switch (statement.kind) {
      case 'block':
        return this.#all(statement.statements);
      case 'if': {
        const head = statement.text.slice(0, Math.max(statement.text.indexOf(statement.yes.text), 0));
        const holds = await this.#leaf({ line: statement.line, text: head }, () => this.#condition(statement));
        if (typeof holds !== 'boolean') return holds;
        const branch = holds ? statement.yes : statement.no;
        return branch ? this.#statement(branch) : 'next';
      }
      case 'while': {
        const head = statement.text.slice(0, Math.max(statement.text.indexOf(statement.body.text), 0));
        for (;;) {
          const holds = await this.#leaf({ line: statement.line, text: head }, () => this.#condition(statement));
          if (typeof holds !== 'boolean') return holds;
          if (!holds) return 'next';
          const flow = await this.#statement(statement.body);
          if (flow !== 'next') return flow;
        }
      }
      case 'try':
        return this.#try(statement);
      case 'return':
        return 'return';
      case 'setOption':
        return (await this.#leaf({ line: statement.line, text: null }, () => this.#execute(statement))) as Flow;
      default:
        return (await this.#leaf(statement, () => this.#execute(statement))) as Flow;
    }
  }

  async #try(statement: Statement & { kind: 'try' }): Promise<Flow | 'return'> {
    this.#tries++;
    try {
      return await this.#all(statement.body);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      this.#tries--;
      const before = this.#session.caught;
      this.#session.caught = error;
      try {
        return await this.#all(statement.handler);
      } finally {
        this.#session.caught = before;
        this.#tries++;
      }
    } finally {
      this.#tries--;
    }
  }

  /** Executes what is no block, and sees to its errors. Without a text it does not pass the gate. */
  async #leaf<T>(
    statement: { readonly line: number; readonly text: string | null },
    work: () => Promise<T>,
  ): Promise<T | Flow> {
    const { transaction } = this.#session;
    const mark = transaction.undo.length;
    const { descriptor } = transaction;
    try {
      if (statement.text !== null) await this.#gate.before(statement.text);
      const result = await work();
      transaction.autocommit();
      if (statement.text !== null) await this.#gate.after(statement.text);
      return result;
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      if (error.line === 0) error.line = statement.line;
      if (transaction.descriptor === descriptor) transaction.takeBack(mark);
      transaction.autocommit();
      return this.#failed(error);
    }
  }

  #failed(error: SqlError): Flow {
    const { transaction, settings } = this.#session;
    const all = settings.xactAbort || error.reach === 'transaction' || error.reach === 'connection';
    if (this.#tries > 0 && error.reach !== 'connection') {
      if (all && transaction.count > 0) transaction.doomed = true;
      throw error;
    }
    this.#listener.error(error);
    if (all && transaction.count > 0) transaction.rollback();
    return all || error.reach === 'batch' ? 'end' : 'next';
  }

  async #condition(statement: Statement & { kind: 'if' | 'while' }): Promise<boolean> {
    const bind = () => {
      const { context, locks } = bindContext(this.#session, this.#variables);
      return { condition: bindCondition(statement.condition, null, context), locks };
    };
    return this.#locked(bind, ({ condition }) => condition.test([]) === true);
  }

  async #execute(statement: Statement): Promise<Flow> {
    const { transaction } = this.#session;
    if (transaction.doomed && CHANGES.has(statement.kind)) throw sqlError(3930);
    const result = await this.#result(statement);
    if (result) {
      this.#session.rowCount = result.kind === 'rows' ? result.rows.length : result.kind === 'count' ? result.count : 0;
      this.#listener.result(result, statement);
    }
    return 'next';
  }

  async #result(statement: Statement): Promise<Result | undefined> {
    const { transaction } = this.#session;
    switch (statement.kind) {
      case 'begin':
        transaction.begin(statement.name);
        return { kind: 'done' };
      case 'commit':
        transaction.commit();
        return { kind: 'done' };
      case 'rollback':
        transaction.rollback(statement.name);
        return { kind: 'done' };
      case 'save':
        transaction.save(statement.name);
        return { kind: 'done' };
      case 'setOption':
        for (const option of statement.options) setOption(this.#session.settings, option, statement.value);
        return { kind: 'done' };
      case 'setIdentityInsert':
        this.#session.settings.identityInsert = statement.on
          ? (this.#session.find(statement.table)?.fullName ?? null)
          : null;
        return { kind: 'done' };
      case 'setVariable':
        this.#assign(statement.name, this.#bound(statement.value));
        return { kind: 'done' };
      case 'declare':
        for (const { name, type, value } of statement.variables) {
          if (this.#variables.has(name)) throw sqlError(134, name);
          this.#variables.set(name, { type, value: null });
          if (value) this.#assign(name, this.#bound(value));
        }
        return undefined;
      case 'print':
        this.#listener.message(
          String(coerce(this.#bound(statement.value), nvarchar(4000), { explicit: true }).eval([]) ?? ''),
        );
        return { kind: 'done' };
      case 'use':
        this.#session.use(statement.database);
        return { kind: 'done' };
      case 'throw':
        throw this.#thrown(statement);
      case 'execute': {
        const args = statement.args.map(({ name, value }) => ({ name, value: this.#bound(value).eval([]) }));
        const status = await executeProcedure(statement.procedure, args, this.#session, this.#signal);
        if (statement.result) this.#assignValue(statement.result, BigInt(status));
        return { kind: 'done' };
      }
      case 'select':
        return this.#select(statement);
      case 'insertBulk':
        throw sqlError(102, 'BULK');
      default:
        return this.#onTables(statement);
    }
  }

  async #select(statement: Statement & { kind: 'select' }): Promise<Result | undefined> {
    const { items } = statement.query.selects[0]!.select;
    const assigned = items.filter((item) => item.kind === 'assign');
    if (assigned.length > 0 && assigned.length < items.length) throw sqlError(141);
    const result = await this.#onTables(statement);
    if (assigned.length === 0 || result.kind !== 'rows') return result;
    for (const row of result.rows) {
      assigned.forEach(({ variable }, at) => {
        const { type } = result.columns[at]!;
        this.#assign(variable, { type, eval: () => row[at]!, slots: [], nullable: true });
      });
    }
    return { kind: 'count', count: result.rows.length };
  }

  #onTables(statement: Statement): Promise<Result> {
    return this.#locked(
      () => bindStatement(statement, this.#session, this.#variables)!,
      ({ execute }) => execute(),
    );
  }

  /** Takes the locks before the work. Definitions that changed while it waited for them have it bound anew. */
  async #locked<B extends Pick<Binding, 'locks'>, T>(bind: () => B, work: (binding: B) => T): Promise<T> {
    const { database, transaction, settings } = this.#session;
    const { locks } = database;
    const passing: string[] = [];
    try {
      for (;;) {
        const { version } = database;
        const binding = bind();
        for (const [name, { mode, kept }] of binding.locks) {
          const held = locks.held(this.#session, name);
          await locks.acquire(this.#session, name, mode, settings.lockTimeout, this.#signal);
          if (kept) transaction.holds(name, locks);
          else if (held === undefined) passing.push(name);
        }
        if (database.version === version) return work(binding);
      }
    } finally {
      for (const name of passing) locks.release(this.#session, name);
    }
  }

  #bound(expr: Parameters<typeof bindValue>[0]): ReturnType<typeof bindValue> {
    return bindValue(expr, null, bindContext(this.#session, this.#variables).context);
  }

  #assign(name: string, value: ReturnType<typeof bindValue>): void {
    const variable = this.#variables.get(name);
    if (!variable) throw sqlError(137, name);
    variable.value = coerce(value, variable.type).eval([]);
  }

  #assignValue(name: string, value: SqlValue): void {
    const variable = this.#variables.get(name);
    if (!variable) throw sqlError(137, name);
    variable.value = value;
  }

  #thrown({ args }: Statement & { kind: 'throw' }): SqlError {
    if (!args) return this.#session.caught ?? sqlError(10704);
    const [number, message, state] = args.map((arg) => this.#bound(arg).eval([]));
    return new SqlError(Number(number), String(message), { state: Number(state), class: 16, reach: 'batch' });
  }
}

const CHANGES = new Set<Statement['kind']>([
  'insert',
  'update',
  'delete',
  'merge',
  'createTable',
  'addToTable',
  'alterColumn',
  'dropColumn',
  'dropTable',
  'truncate',
  'begin',
  'save',
]);
