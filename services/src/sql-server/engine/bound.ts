import type { Expr, Query } from '../sql/ast.ts';
import { conversion, conversionKind } from './convert.ts';
import { SqlError, sqlError } from './errors.ts';
import type { Table } from './table.ts';
import { type Collation, INT, isText, type SqlType, type SqlValue, typeText } from './types.ts';

/** The rows that are looked at, by slot. */
export type Env = (readonly SqlValue[])[];

/** An expression that knows its type and what it reads. */
export interface Bound {
  readonly type: SqlType;
  readonly eval: (env: Env) => SqlValue;
  /** The slots of the rows that it reads. */
  readonly slots: readonly number[];
  readonly nullable: boolean;
  /** The literal NULL, which takes any type. */
  readonly untyped?: boolean;
  /** Where the collation comes from; none for literals and variables. */
  readonly collated?: 'column' | 'explicit';
  /** Of a column that is read as it is: which one. */
  readonly column?: { readonly slot: number; readonly index: number; readonly name: string };
}

/** A condition: true, false, or null for unknown. */
export interface BoundCondition {
  readonly test: (env: Env) => boolean | null;
  readonly slots: readonly number[];
}

export interface OutputColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

export interface BoundQuery {
  readonly columns: readonly OutputColumn[];
  readonly rows: (env: Env) => (readonly SqlValue[])[];
  /** The slots outside of it that it reads. */
  readonly slots: readonly number[];
}

export const NULL: Bound = { type: INT, eval: () => null, slots: [], nullable: true, untyped: true };

export const constant = (type: SqlType, value: SqlValue): Bound => ({
  type,
  eval: () => value,
  slots: [],
  nullable: value === null,
});

export const union = (...of: readonly { readonly slots: readonly number[] }[]): number[] => [
  ...new Set(of.flatMap(({ slots }) => slots)),
];

/** What statements are bound in. */
export interface BindContext {
  /** The table of that name, its use noted for locks and permissions. @throws SqlError 208 */
  readonly table: (name: readonly string[], hints: readonly string[]) => Table | VirtualTable;
  readonly variable: (name: string) => { readonly type: SqlType; readonly get: () => SqlValue };
  readonly slot: () => number;
  readonly query: (query: Query, scope: Scope | null) => BoundQuery;
  /** A query that WITH gave a name. */
  readonly cte?: (name: string) => BoundQuery | undefined;
  readonly session: SessionFacts;
}

/** A view of the catalog. */
export interface VirtualTable {
  readonly virtual: true;
  readonly columns: readonly OutputColumn[];
  readonly rows: () => (readonly SqlValue[])[];
}

/** What functions ask of the session. */
export interface SessionFacts {
  readonly id: number;
  readonly user: string;
  readonly database: string;
  readonly app: string;
  readonly host: string;
  readonly tranCount: () => number;
  readonly xactState: () => number;
  readonly rowCount: () => number;
  readonly identity: () => bigint | null;
  readonly isolation: () => string;
  /** The error that a CATCH block handles. */
  readonly caught: () => SqlError | null;
  readonly objectId: (name: readonly string[]) => number | null;
  readonly objectName: (id: number) => { schema: string; name: string } | null;
  readonly columnLength: (table: readonly string[], column: string) => number | null;
  readonly hasPermission: (permission: string, table: readonly string[] | null) => boolean;
  readonly hasDatabase: (name: string) => boolean;
  readonly hasSchema: (name: string) => boolean;
}

export interface Source {
  /** The alias, or the parts of the table's name. */
  readonly name: readonly string[];
  readonly columns: readonly OutputColumn[];
  readonly slot: number;
}

export interface Scope {
  readonly sources: readonly Source[];
  readonly outer: Scope | null;
  /** Binds aggregates and window functions where they are allowed. */
  readonly calls?: (call: Expr) => Bound | undefined;
}

/**
 * The expression as one of that type.
 *
 * @throws SqlError 206, 257 where it does not convert by itself
 */
export function coerce(
  bound: Bound,
  to: SqlType,
  options: { explicit?: boolean; style?: number; tooLong?: 'cut' | 'keep' } = {},
): Bound {
  if (bound.untyped) return { ...bound, type: to, untyped: false };
  const kind = conversionKind(bound.type, to);
  if (kind === 'none')
    throw options.explicit ? sqlError(529, bound.type.name, to.name) : sqlError(206, bound.type.name, to.name);
  if (kind === 'explicit' && !options.explicit) throw sqlError(257, bound.type.name, typeText(to));
  const convert = conversion(bound.type, to, options);
  const { eval: read } = bound;
  const type: SqlType = isText(to) ? withCollation(to, to.collation ?? bound.type.collation) : to;
  return {
    type,
    slots: bound.slots,
    nullable: bound.nullable,
    ...(bound.collated && isText(to) ? { collated: bound.collated } : {}),
    eval: (env) => {
      const value = read(env);
      return value === null ? null : convert(value);
    },
  };
}

export function withCollation(type: SqlType, collation: Collation | undefined): SqlType {
  if (type.collation === collation) return type;
  const { collation: _, ...rest } = type;
  return collation === undefined ? rest : { ...rest, collation };
}

/** A conversion whose failures are nulls. */
export function lenient(bound: Bound): Bound {
  return {
    ...bound,
    nullable: true,
    eval: (env) => {
      try {
        return bound.eval(env);
      } catch (error) {
        if (error instanceof SqlError) return null;
        throw error;
      }
    },
  };
}
