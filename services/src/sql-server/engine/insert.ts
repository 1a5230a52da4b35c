import type { Statement } from '../sql/ast.ts';
import { boundCell, type Cell, cell, insertColumns, rowMaker } from './assign.ts';
import type { Bound, Env } from './bound.ts';
import { sqlError } from './errors.ts';
import { type Change, outputOf } from './output.ts';
import type { Execute, Run } from './run.ts';
import type { SqlValue } from './types.ts';

type Insert = Statement & { kind: 'insert' };

export function bindInsert(statement: Insert, run: Run): Execute {
  const table = run.target(statement.target.name, 'INSERT', statement.target.hints);
  const { source } = statement;
  const output = outputOf(statement.output, table, [], run);
  const columns = source.kind === 'defaults' ? [] : insertColumns(table, statement.columns, run);
  const rows = rowsToInsert(statement, run, columns);
  return () => {
    const changes: Change[] = [];
    for (const values of rows()) {
      table.insert(values, run.undo);
      changes.push({ action: 'INSERT', deleted: null, inserted: values, env: [] });
    }
    return output(changes);
  };
}

function rowsToInsert(
  { source, target, columns: names }: Insert,
  run: Run,
  columns: readonly number[],
): () => SqlValue[][] {
  const table = run.target(target.name, 'INSERT', target.hints);
  if (source.kind === 'defaults') {
    const make = rowMaker(table, [], run);
    return () => [make([])];
  }
  if (source.kind === 'values') {
    const makers = source.rows.map((row) => {
      if (row.length !== columns.length)
        throw names ? sqlError(row.length < columns.length ? 109 : 110) : sqlError(213);
      return rowMaker(
        table,
        row.map((expr, at): Cell => cell(table, columns[at]!, expr, null, run, 'INSERT')),
        run,
      );
    });
    return () => makers.map((make) => make([]));
  }
  const query = run.context.query(source.query, null);
  if (query.columns.length !== columns.length) {
    throw names ? sqlError(query.columns.length < columns.length ? 120 : 121) : sqlError(213);
  }
  const slot = run.context.slot();
  const cells = columns.map((index, at): Cell => {
    const { type, nullable } = query.columns[at]!;
    const bound: Bound = { type, nullable, slots: [slot], eval: (env) => env[slot]![at]! };
    return boundCell(table, index, bound, run, 'INSERT');
  });
  const make = rowMaker(table, cells, run);
  return () => {
    const env: Env = [];
    return query.rows(env).map((row) => {
      env[slot] = row;
      return make(env);
    });
  };
}
