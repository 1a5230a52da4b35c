import type { Collation, SqlType, SqlValue } from '../engine/types.ts';

/** A name of up to four parts, as written. */
export type Name = readonly string[];

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';
export type Arithmetic = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^';

export type Expr =
  | { readonly kind: 'literal'; readonly type: SqlType; readonly value: SqlValue }
  | { readonly kind: 'null' }
  | { readonly kind: 'default' }
  | { readonly kind: 'column'; readonly name: Name }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'negate'; readonly arg: Expr }
  | { readonly kind: 'arithmetic'; readonly op: Arithmetic; readonly left: Expr; readonly right: Expr }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expr[];
      readonly star: boolean;
      readonly distinct: boolean;
      readonly over?: Over;
    }
  | {
      readonly kind: 'cast';
      readonly arg: Expr;
      readonly type: SqlType;
      readonly style?: Expr;
      readonly lenient: boolean;
    }
  | {
      readonly kind: 'case';
      readonly operand?: Expr;
      readonly whens: readonly { readonly when: Expr; readonly result: Expr }[];
      readonly otherwise?: Expr;
    }
  | { readonly kind: 'subquery'; readonly query: Query }
  | { readonly kind: 'collate'; readonly arg: Expr; readonly collation: Collation }
  | { readonly kind: 'and'; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'or'; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'not'; readonly arg: Expr }
  | { readonly kind: 'compare'; readonly op: Comparison; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'isNull'; readonly arg: Expr; readonly negated: boolean }
  | { readonly kind: 'between'; readonly arg: Expr; readonly low: Expr; readonly high: Expr; readonly negated: boolean }
  | { readonly kind: 'in'; readonly arg: Expr; readonly list: readonly Expr[]; readonly negated: boolean }
  | { readonly kind: 'inQuery'; readonly arg: Expr; readonly query: Query; readonly negated: boolean }
  | {
      readonly kind: 'like';
      readonly arg: Expr;
      readonly pattern: Expr;
      readonly escape?: Expr;
      readonly negated: boolean;
    }
  | { readonly kind: 'exists'; readonly query: Query };

export interface Over {
  readonly partition: readonly Expr[];
  readonly order: readonly OrderItem[];
}

export interface OrderItem {
  readonly expr: Expr;
  readonly descending: boolean;
}

export type SelectItem =
  | { readonly kind: 'expr'; readonly expr: Expr; readonly alias?: string }
  | { readonly kind: 'star'; readonly of?: Name }
  | { readonly kind: 'assign'; readonly variable: string; readonly expr: Expr };

export type FromItem =
  | { readonly kind: 'table'; readonly name: Name; readonly alias?: string; readonly hints: readonly string[] }
  | { readonly kind: 'query'; readonly query: Query; readonly alias: string; readonly columns?: readonly string[] }
  | {
      readonly kind: 'values';
      readonly rows: readonly (readonly Expr[])[];
      readonly alias: string;
      readonly columns: readonly string[];
    }
  | {
      readonly kind: 'join';
      readonly type: 'inner' | 'left' | 'right' | 'cross';
      readonly left: FromItem;
      readonly right: FromItem;
      readonly on?: Expr;
    };

export interface Select {
  readonly distinct: boolean;
  readonly top?: Expr;
  readonly items: readonly SelectItem[];
  readonly into?: Name;
  readonly from: readonly FromItem[];
  readonly where?: Expr;
  readonly groupBy: readonly Expr[];
  readonly having?: Expr;
}

export interface Query {
  readonly with: readonly { readonly name: string; readonly columns?: readonly string[]; readonly query: Query }[];
  /** The first one, and what is combined with it. */
  readonly selects: readonly { readonly select: Select; readonly all: boolean }[];
  readonly orderBy: readonly OrderItem[];
  readonly offset?: Expr;
  readonly fetch?: Expr;
}

export interface ColumnDefinition {
  readonly name: string;
  readonly type: SqlType;
  /** Undefined where neither NULL nor NOT NULL is written. */
  readonly nullable?: boolean;
  readonly default?: Expr;
  /** Whether rows that are there get the default (WITH VALUES). */
  readonly filled?: boolean;
  readonly identity?: { readonly seed: bigint; readonly step: bigint };
}

export interface KeyDefinition {
  readonly kind: 'primary' | 'unique';
  readonly name?: string;
  readonly columns: readonly string[];
  readonly clustered: boolean;
}

export interface Assignment {
  readonly column: Name;
  readonly value: Expr;
}

export interface Target {
  readonly name: Name;
  readonly alias?: string;
  readonly hints: readonly string[];
}

export type MergeAction =
  | { readonly kind: 'update'; readonly sets: readonly Assignment[] }
  | { readonly kind: 'delete' }
  | { readonly kind: 'insert'; readonly columns: readonly string[]; readonly values: readonly Expr[] };

export interface MergeWhen {
  readonly when: 'matched' | 'notMatched' | 'notMatchedBySource';
  readonly and?: Expr;
  readonly action: MergeAction;
}

export type Statement = { readonly line: number; readonly text: string } & (
  | {
      readonly kind: 'createTable';
      readonly name: Name;
      readonly columns: readonly ColumnDefinition[];
      readonly keys: readonly KeyDefinition[];
    }
  | {
      readonly kind: 'addToTable';
      readonly name: Name;
      readonly columns: readonly ColumnDefinition[];
      readonly keys: readonly KeyDefinition[];
    }
  | { readonly kind: 'alterColumn'; readonly name: Name; readonly column: ColumnDefinition }
  | { readonly kind: 'dropColumn'; readonly name: Name; readonly columns: readonly string[] }
  | { readonly kind: 'dropConstraint'; readonly name: Name; readonly constraint: string }
  | {
      readonly kind: 'createIndex';
      readonly name: string;
      readonly table: Name;
      readonly columns: readonly string[];
      readonly unique: boolean;
    }
  | { readonly kind: 'createSchema'; readonly name: string }
  | { readonly kind: 'dropTable'; readonly names: readonly Name[]; readonly ifExists: boolean }
  | { readonly kind: 'truncate'; readonly name: Name }
  | { readonly kind: 'select'; readonly query: Query }
  | {
      readonly kind: 'insert';
      readonly target: Target;
      readonly columns?: readonly string[];
      readonly output: readonly SelectItem[];
      readonly source: InsertSource;
    }
  | {
      readonly kind: 'update';
      readonly target: Target;
      readonly top?: Expr;
      readonly sets: readonly Assignment[];
      readonly output: readonly SelectItem[];
      readonly from: readonly FromItem[];
      readonly where?: Expr;
    }
  | {
      readonly kind: 'delete';
      readonly target: Target;
      readonly top?: Expr;
      readonly output: readonly SelectItem[];
      readonly from: readonly FromItem[];
      readonly where?: Expr;
    }
  | {
      readonly kind: 'merge';
      readonly target: Target;
      readonly source: FromItem;
      readonly on: Expr;
      readonly whens: readonly MergeWhen[];
      readonly output: readonly SelectItem[];
    }
  | {
      readonly kind: 'insertBulk';
      readonly table: Name;
      readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
      readonly options: readonly string[];
    }
  | { readonly kind: 'begin'; readonly name: string }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback'; readonly name: string }
  | { readonly kind: 'save'; readonly name: string }
  | { readonly kind: 'setOption'; readonly options: readonly string[]; readonly value: string }
  | { readonly kind: 'setIdentityInsert'; readonly table: Name; readonly on: boolean }
  | { readonly kind: 'setVariable'; readonly name: string; readonly value: Expr }
  | {
      readonly kind: 'declare';
      readonly variables: readonly { readonly name: string; readonly type: SqlType; readonly value?: Expr }[];
    }
  | { readonly kind: 'if'; readonly condition: Expr; readonly yes: Statement; readonly no?: Statement }
  | { readonly kind: 'while'; readonly condition: Expr; readonly body: Statement }
  | { readonly kind: 'block'; readonly statements: readonly Statement[] }
  | { readonly kind: 'try'; readonly body: readonly Statement[]; readonly handler: readonly Statement[] }
  | { readonly kind: 'throw'; readonly args?: readonly [Expr, Expr, Expr] }
  | { readonly kind: 'print'; readonly value: Expr }
  | { readonly kind: 'use'; readonly database: string }
  | { readonly kind: 'return' }
  | {
      readonly kind: 'execute';
      readonly result?: string;
      readonly procedure: Name;
      readonly args: readonly { readonly name?: string; readonly value: Expr }[];
    }
);

export type InsertSource =
  | { readonly kind: 'values'; readonly rows: readonly (readonly Expr[])[] }
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'defaults' };

/** A statement before its place in the batch is known. */
export type BareStatement = Statement extends infer S
  ? S extends Statement
    ? Omit<S, 'line' | 'text'>
    : never
  : never;
