import type { SelectItem } from '../sql/ast.ts';
import type { Bound, Env, OutputColumn, Scope, Source } from './bound.ts';
import { columnOf, qualifies } from './columns.ts';
import { sqlError } from './errors.ts';
import { bindValue } from './expressions.ts';
import type { Result, Run } from './run.ts';
import type { Table } from './table.ts';
import { nvarchar, type SqlValue } from './types.ts';

export type Action = 'INSERT' | 'UPDATE' | 'DELETE';

/** What became of one row. */
export interface Change {
  readonly action: Action;
  readonly deleted: readonly SqlValue[] | null;
  readonly inserted: readonly SqlValue[] | null;
  /** The rows that it came from. */
  readonly env: Env;
}

/** The OUTPUT clause: rows out of what was changed. Without one, the count. */
export function outputOf(
  items: readonly SelectItem[],
  table: Table,
  sources: readonly Source[],
  run: Run,
): (changes: readonly Change[]) => Result {
  if (items.length === 0) return (changes) => ({ kind: 'count', count: changes.length });
  const [inserted, deleted, action] = [run.context.slot(), run.context.slot(), run.context.slot()];
  const nullable = table.columns.map((column) => ({ ...column, nullable: true }));
  const scope: Scope = {
    sources: [
      ...sources,
      { name: ['inserted'], columns: nullable, slot: inserted },
      { name: ['deleted'], columns: nullable, slot: deleted },
      { name: ['$'], columns: [{ name: '$action', type: nvarchar(10), nullable: false }], slot: action },
    ],
    outer: null,
  };
  const cells = items.flatMap((item): { name: string; bound: Bound }[] => {
    if (item.kind === 'assign') throw sqlError(102, '=');
    if (item.kind === 'expr') {
      const bound = bindValue(item.expr, scope, run.context);
      return [{ name: item.alias ?? bound.column?.name ?? '', bound }];
    }
    const of = scope.sources.filter((source) => item.of !== undefined && qualifies(item.of, source.name));
    if (of.length === 0) throw sqlError(102, '*');
    return of.flatMap((source) => source.columns.map(({ name }, index) => ({ name, bound: columnOf(source, index) })));
  });
  const columns: OutputColumn[] = cells.map(({ name, bound }) => ({
    name,
    type: bound.type,
    nullable: bound.nullable,
  }));
  const none = table.columns.map(() => null);
  return (changes) => ({
    kind: 'rows',
    columns,
    rows: changes.map((change) => {
      const { env } = change;
      env[inserted] = change.inserted ?? none;
      env[deleted] = change.deleted ?? none;
      env[action] = [change.action];
      return cells.map(({ bound }) => bound.eval(env));
    }),
  });
}
