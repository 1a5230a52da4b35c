import type { Name, Statement } from '../sql/ast.ts';
import type { BindContext } from './bound.ts';
import { bindDelete, bindUpdate } from './change.ts';
import { type Permission, tableKey } from './database.ts';
import * as ddl from './ddl.ts';
import { sqlError } from './errors.ts';
import { bindInsert } from './insert.ts';
import type { LockMode } from './locks.ts';
import { bindMerge } from './merge.ts';
import { bindQuery } from './query.ts';
import { type Execute, type Run, rowsOf } from './run.ts';
import type { Session } from './session.ts';
import type { Table } from './table.ts';
import type { SqlType, SqlValue } from './types.ts';
import { viewOf } from './views.ts';

/** A variable or parameter of a batch. */
export interface Variable {
  readonly type: SqlType;
  value: SqlValue;
}

export type Variables = Map<string, Variable>;

export interface LockNeed {
  readonly mode: LockMode;
  /** Until the transaction ends, not only the statement. */
  readonly kept: boolean;
}

/** A statement that is ready, and the locks that it needs first. */
export interface Binding {
  readonly execute: Execute;
  readonly locks: ReadonlyMap<string, LockNeed>;
}

/** What binding needs, and what it finds out. */
export function bindContext(
  session: Session,
  variables: Variables,
): { context: BindContext; run: Run; locks: Map<string, LockNeed> } {
  const locks = new Map<string, LockNeed>();
  const need = (name: Name, mode: LockMode, kept: boolean): void => {
    if (name.at(-1)!.startsWith('#')) return;
    const key = `table ${tableKey(name)}`;
    const before = locks.get(key);
    const stronger = before && 'SUX'.indexOf(before.mode) > 'SUX'.indexOf(mode) ? before.mode : mode;
    locks.set(key, { mode: stronger, kept: kept || before?.kept === true });
  };
  let slots = 0;
  const context: BindContext = {
    table: (name, hints) => {
      const view = viewOf(
        name.at(-2) ?? 'dbo',
        name.at(-1)!,
        session.catalogOf(name.length > 2 ? name.at(-3) : undefined),
      );
      if (view) return view;
      const table = found(session, name);
      session.database.demand('SELECT', table);
      needOfReading(table, hints, session, need);
      return table;
    },
    variable: (name) => {
      const variable = variables.get(name);
      if (!variable) throw sqlError(137, name);
      return { type: variable.type, get: () => variable.value };
    },
    slot: () => slots++,
    query: (query, scope) => bindQuery(query, scope, context),
    session: session.facts(),
  };
  const run: Run = {
    context,
    database: session.database,
    undo: session.transaction.undo,
    target: (name, permission: Permission) => {
      const table = found(session, name);
      session.database.demand(permission, table);
      need([table.schema, table.name], 'X', true);
      return table;
    },
    catalog: session.catalog,
    session: {
      identityInsert: () => session.settings.identityInsert,
      identity: (value) => {
        session.identity = value;
      },
      truncationError: session.instance.truncationError,
    },
  };
  return { context, run, locks };
}

function found(session: Session, name: Name): Table {
  const table = session.find(name);
  if (!table) throw sqlError(208, name.join('.'));
  return table;
}

function needOfReading(
  table: Table,
  hints: readonly string[],
  { settings, database }: Session,
  need: (name: Name, mode: LockMode, kept: boolean) => void,
): void {
  const has = (...of: readonly string[]): boolean => hints.some((hint) => of.includes(hint));
  if (table.temporary) return;
  if (settings.isolation === 'SNAPSHOT') throw sqlError(3952, database.name);
  const name = [table.schema, table.name];
  const strict =
    settings.isolation === 'SERIALIZABLE' ||
    settings.isolation === 'REPEATABLE READ' ||
    has('HOLDLOCK', 'SERIALIZABLE', 'REPEATABLEREAD');
  if (has('XLOCK', 'TABLOCKX')) need(name, 'X', true);
  else if (has('UPDLOCK')) need(name, 'U', true);
  else if (strict) need(name, 'S', true);
  else if (!has('NOLOCK', 'READUNCOMMITTED') && settings.isolation !== 'READ UNCOMMITTED') need(name, 'S', false);
}

/** Binds a statement that works on tables; undefined for those that steer the batch. */
export function bindStatement(statement: Statement, session: Session, variables: Variables): Binding | undefined {
  const { run, locks } = bindContext(session, variables);
  const execute = executor(statement, run);
  const defined = definedTable(statement);
  for (const name of defined) {
    if (!name.at(-1)!.startsWith('#')) locks.set(`table ${tableKey(name)}`, { mode: 'X', kept: true });
  }
  return execute && { execute, locks };
}

/** The tables whose definition a statement changes. */
function definedTable(statement: Statement): Name[] {
  switch (statement.kind) {
    case 'createTable':
    case 'addToTable':
    case 'alterColumn':
    case 'dropColumn':
    case 'dropConstraint':
    case 'truncate':
      return [statement.name];
    case 'createIndex':
      return [statement.table];
    case 'dropTable':
      return [...statement.names];
    case 'select':
      return statement.query.selects.flatMap(({ select: { into } }) => (into ? [into] : []));
    default:
      return [];
  }
}

function executor(statement: Statement, run: Run): Execute | undefined {
  switch (statement.kind) {
    case 'select': {
      const into = statement.query.selects[0]!.select.into;
      if (into) return ddl.selectInto(statement, into, run);
      const query = run.context.query(statement.query, null);
      return () => rowsOf(query);
    }
    case 'insert':
      return bindInsert(statement, run);
    case 'update':
      return bindUpdate(statement, run);
    case 'delete':
      return bindDelete(statement, run);
    case 'merge':
      return bindMerge(statement, run);
    case 'createTable':
      return ddl.createTable(statement, run);
    case 'addToTable':
      return ddl.addToTable(statement, run);
    case 'alterColumn':
      return ddl.alterColumn(statement, run);
    case 'dropColumn':
      return ddl.dropColumn(statement, run);
    case 'dropConstraint':
      return ddl.dropConstraint(statement, run);
    case 'createIndex':
      return ddl.createIndex(statement, run);
    case 'createSchema':
      return ddl.createSchema(statement, run);
    case 'dropTable':
      return ddl.dropTable(statement, run);
    case 'truncate':
      return ddl.truncate(statement, run);
    default:
      return undefined;
  }
}
