import type { Name } from '../sql/ast.ts';
import type { Bound, Scope, Source } from './bound.ts';
import { sameName } from './database.ts';
import { sqlError } from './errors.ts';
import { isText } from './types.ts';

/** @throws SqlError 207, 209, 4104 */
export function bindColumn(name: Name, scope: Scope | null): Bound {
  const column = name.at(-1)!;
  const qualifier = name.slice(0, -1);
  for (let at = scope; at !== null; at = at.outer) {
    const found: { source: Source; index: number }[] = [];
    let qualified = false;
    for (const source of at.sources) {
      if (qualifier.length > 0 && !qualifies(qualifier, source.name)) continue;
      qualified = qualifier.length > 0;
      source.columns.forEach((candidate, index) => {
        if (sameName(candidate.name, column)) found.push({ source, index });
      });
    }
    if (found.length > 1) throw sqlError(209, column);
    if (found.length === 1) return columnOf(found[0]!.source, found[0]!.index);
    if (qualified) throw sqlError(207, column);
  }
  throw qualifier.length > 0 ? sqlError(4104, name.join('.')) : sqlError(207, column);
}

export function columnOf(source: Source, index: number): Bound {
  const { slot } = source;
  const column = source.columns[index]!;
  return {
    type: column.type,
    eval: (env) => env[slot]![index]!,
    slots: [slot],
    nullable: column.nullable,
    column: { slot, index, name: column.name },
    ...(isText(column.type) ? { collated: 'column' as const } : {}),
  };
}

/** Whether `s.t` in front of a column means that source. */
export function qualifies(qualifier: Name, source: Name): boolean {
  if (qualifier.length > source.length) {
    return source.length === 1 ? false : qualifies(qualifier.slice(qualifier.length - source.length), source);
  }
  return qualifier.every((part, at) => {
    const other = source[source.length - qualifier.length + at]!;
    return part === '' || sameName(part, other);
  });
}
