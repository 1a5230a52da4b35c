import type { Expr, MergeWhen, Statement } from '../sql/ast.ts';
import { type Cell, cell, changed, insertColumns, rowMaker, setCells } from './assign.ts';
import type { BoundCondition, Env, Scope, Source } from './bound.ts';
import { qualifies } from './columns.ts';
import { SqlError, sqlError } from './errors.ts';
import { bindCondition } from './expressions.ts';
import { addTable, bindConjuncts, bindFrom, fullName } from './from.ts';
import { plan } from './joins.ts';
import { type Change, outputOf } from './output.ts';
import type { Execute, Run } from './run.ts';
import type { Row, Table } from './table.ts';
import type { SqlValue } from './types.ts';

type Merge = Statement & { kind: 'merge' };

interface Clause {
  readonly when: MergeWhen['when'];
  readonly and: BoundCondition | null;
  readonly action:
    | { readonly kind: 'update'; readonly cells: readonly Cell[] }
    | { readonly kind: 'delete' }
    | { readonly kind: 'insert'; readonly make: (env: Env) => SqlValue[] };
}

/** MERGE: finds what is to be done with each row first, then does it. */
export function bindMerge(statement: Merge, run: Run): Execute {
  const { context } = run;
  const table = permitted(statement, run);
  const source = bindFrom([statement.source], null, context);
  const targets: Source[] = [];
  const name = statement.target.alias === undefined ? fullName(statement.target.name) : [statement.target.alias];
  const leaf = addTable(table, name, context, targets, []);
  const scopes = {
    both: { sources: [...targets, ...source.sources], outer: null },
    source: { sources: source.sources, outer: null },
    target: { sources: targets, outer: null },
  };
  const on = bindConjuncts(statement.on, scopes.both, context);
  checkOrder(statement.whens);
  const clauses = statement.whens.map((when) => bindWhen(when, table, scopes, run));
  const output = outputOf(statement.output, table, source.sources, run);
  const keep = statement.output.length > 0;
  const throughSource = plan(source.parts, []);
  const throughTarget = plan([leaf], on);
  const bySource = clauses.some(({ when }) => when === 'notMatchedBySource');
  return () => {
    const env: Env = [];
    const work = new Work(table, run, keep);
    const matched = new Set<Row>();
    const act = (when: Clause['when'], row: Row | null): void => {
      const clause = clauses.find((each) => each.when === when && (each.and === null || each.and.test(env) === true));
      if (clause) work.add(clause, row, env);
    };
    throughSource(env, () => {
      let found = false;
      throughTarget(env, () => {
        found = true;
        const row = leaf.current!;
        if (bySource) matched.add(row);
        act('matched', row);
        return true;
      });
      if (!found) act('notMatched', null);
      return true;
    });
    if (bySource) {
      for (const row of table.rows) {
        if (matched.has(row)) continue;
        env[leaf.slot] = row.values;
        act('notMatchedBySource', row);
      }
    }
    return output(work.apply());
  };
}

function permitted({ target, whens }: Merge, run: Run): Table {
  let table: Table | undefined;
  for (const { action } of whens) {
    const permission = action.kind === 'insert' ? 'INSERT' : action.kind === 'update' ? 'UPDATE' : 'DELETE';
    table = run.target(target.name, permission, target.hints);
  }
  return table!;
}

/** A clause behind one of its kind without AND could never be reached. */
function checkOrder(whens: readonly MergeWhen[]): void {
  const closed = new Set<string>();
  for (const { when, and } of whens) {
    if (closed.has(when)) throw sqlError(5324);
    if (!and) closed.add(when);
  }
}

function bindWhen(
  when: MergeWhen,
  table: Table,
  scopes: Record<'both' | 'source' | 'target', Scope>,
  run: Run,
): Clause {
  const scope = when.when === 'matched' ? scopes.both : when.when === 'notMatched' ? scopes.source : scopes.target;
  const bound = <T>(make: () => T): T => (when.when === 'notMatched' ? notMatched(make, scopes.target) : make());
  const and = when.and ? bound(() => bindCondition(when.and as Expr, scope, run.context)) : null;
  const { action } = when;
  if (action.kind === 'delete') return { when: when.when, and, action };
  if (action.kind === 'update')
    return { when: when.when, and, action: { kind: 'update', cells: setCells(table, action.sets, scope, run) } };
  const columns = insertColumns(table, action.columns.length > 0 ? action.columns : undefined, run);
  if (columns.length !== action.values.length) throw sqlError(action.values.length < columns.length ? 109 : 110);
  const cells = bound(() => action.values.map((value, at) => cell(table, columns[at]!, value, scope, run, 'INSERT')));
  return { when: when.when, and, action: { kind: 'insert', make: rowMaker(table, cells, run) } };
}

/** Where no target row matched, none can be named. */
function notMatched<T>(make: () => T, targets: Scope): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof SqlError) || error.number !== 4104) throw error;
    const name = /"(.*)"/.exec(error.message)?.[1] ?? '';
    const qualifier = name.split('.').slice(0, -1);
    throw targets.sources.some((source) => qualifies(qualifier, source.name)) ? sqlError(5334, name) : error;
  }
}

/** What a MERGE will do. */
class Work {
  readonly #table: Table;
  readonly #run: Run;
  readonly #keep: boolean;
  readonly #done = new Set<Row>();
  readonly #updates: [Row, SqlValue[]][] = [];
  readonly #deletes: Row[] = [];
  readonly #inserts: SqlValue[][] = [];
  readonly #report: Change[] = [];

  constructor(table: Table, run: Run, keep: boolean) {
    this.#table = table;
    this.#run = run;
    this.#keep = keep;
  }

  /** @throws SqlError 8672 where a row is changed twice */
  add({ action }: Clause, row: Row | null, env: Env): void {
    if (row !== null) {
      if (this.#done.has(row)) throw sqlError(8672);
      this.#done.add(row);
    }
    const kept = this.#keep ? [...env] : env;
    if (action.kind === 'insert') {
      const values = action.make(env);
      this.#inserts.push(values);
      this.#report.push({ action: 'INSERT', deleted: null, inserted: values, env: kept });
    } else if (action.kind === 'update') {
      const values = changed(row!.values, action.cells, env);
      this.#updates.push([row!, values]);
      this.#report.push({ action: 'UPDATE', deleted: row!.values, inserted: values, env: kept });
    } else {
      this.#deletes.push(row!);
      this.#report.push({ action: 'DELETE', deleted: row!.values, inserted: null, env: kept });
    }
  }

  apply(): Change[] {
    const { undo } = this.#run;
    for (const row of this.#deletes) this.#table.delete(row, undo);
    this.#table.update(this.#updates, undo);
    for (const values of this.#inserts) this.#table.insert(values, undo);
    return this.#report;
  }
}
