import type { FromItem, Statement, Target } from '../sql/ast.ts';
import { changed, setCells } from './assign.ts';
import type { Bound, Env, Scope } from './bound.ts';
import { sameName } from './database.ts';
import { sqlError } from './errors.ts';
import { bindValue } from './expressions.ts';
import { addTable, bindConjuncts, bindFrom, fullName } from './from.ts';
import { type Leaf, plan } from './joins.ts';
import { type Change, outputOf } from './output.ts';
import type { Execute, Run } from './run.ts';
import { type Row, Table } from './table.ts';
import type { SqlValue } from './types.ts';

type Update = Statement & { kind: 'update' };
type Delete = Statement & { kind: 'delete' };

/** UPDATE, also with FROM. A row that several others join with is changed once, by the first. */
export function bindUpdate(statement: Update, run: Run): Execute {
  const { table, scope, rows } = bindRows(statement, run, 'UPDATE');
  const cells = setCells(table, statement.sets, scope, run);
  const output = outputOf(statement.output, table, [], run);
  return () => {
    const changes: [Row, SqlValue[]][] = [];
    const report: Change[] = [];
    rows((row, env) => {
      const values = changed(row.values, cells, env);
      changes.push([row, values]);
      report.push({
        action: 'UPDATE',
        deleted: row.values,
        inserted: values,
        env: statement.output.length > 0 ? [...env] : env,
      });
    });
    table.update(changes, run.undo);
    return output(report);
  };
}

export function bindDelete(statement: Delete, run: Run): Execute {
  const { table, rows } = bindRows(statement, run, 'DELETE');
  const output = outputOf(statement.output, table, [], run);
  return () => {
    const found: Row[] = [];
    const report: Change[] = [];
    rows((row, env) => {
      found.push(row);
      report.push({
        action: 'DELETE',
        deleted: row.values,
        inserted: null,
        env: statement.output.length > 0 ? [...env] : env,
      });
    });
    for (const row of found) table.delete(row, run.undo);
    return output(report);
  };
}

interface Rows {
  readonly table: Table;
  readonly scope: Scope;
  /** Calls once for each row that is to be changed. */
  readonly rows: (each: (row: Row, env: Env) => void) => void;
}

function bindRows(statement: Update | Delete, run: Run, permission: 'UPDATE' | 'DELETE'): Rows {
  const { context } = run;
  const from = bindFrom(statement.from, null, context);
  let leaf = targetLeaf(statement.target, statement.from, from.leaves, from.sources, run, permission);
  const sources = [...from.sources];
  const parts = [...from.parts];
  if (!leaf) {
    const table = run.target(statement.target.name, permission, statement.target.hints);
    leaf = addTable(table, fullName(statement.target.name), context, sources, []);
    parts.push(leaf);
  }
  const { from: table } = leaf;
  if (!(table instanceof Table)) throw sqlError(208, statement.target.name.join('.'));
  const target = leaf;
  const scope: Scope = { sources, outer: null };
  const through = plan(parts, bindConjuncts(statement.where, scope, context));
  const top: Bound | undefined = statement.top ? bindValue(statement.top, null, context) : undefined;
  return {
    table,
    scope,
    rows: (each) => {
      const env: Env = [];
      const most = top ? Number(top.eval(env)) : Number.POSITIVE_INFINITY;
      const seen = new Set<Row>();
      if (most === 0) return;
      through(env, () => {
        const row = target.current;
        if (row !== null && !seen.has(row)) {
          seen.add(row);
          each(row, env);
        }
        return seen.size < most;
      });
    },
  };
}

/** `UPDATE s SET ... FROM t AS s`: the target may be an alias of FROM, or a table that stands there. */
function targetLeaf(
  target: Target,
  items: readonly FromItem[],
  leaves: readonly Leaf[],
  sources: readonly { readonly name: readonly string[]; readonly slot: number }[],
  run: Run,
  permission: 'UPDATE' | 'DELETE',
): Leaf | undefined {
  if (items.length === 0) return undefined;
  const leafAt = (slot: number | undefined): Leaf | undefined => leaves.find((leaf) => leaf.slot === slot);
  const permit = (leaf: Leaf | undefined): Leaf | undefined => {
    if (leaf?.from instanceof Table) run.target([leaf.from.schema, leaf.from.name], permission, target.hints);
    return leaf;
  };
  if (target.name.length === 1) {
    const alias = sources.find(({ name }) => name.length === 1 && sameName(name[0]!, target.name[0]!));
    if (alias) return permit(leafAt(alias.slot));
  }
  const table = run.target(target.name, permission, target.hints);
  const own = leaves.filter((leaf) => leaf.from === table);
  if (own.length > 1) throw sqlError(8154, target.name.join('.'));
  return own[0];
}
