import type { BareStatement as Bare, ColumnDefinition, Expr, KeyDefinition } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { collation, dataType, expression } from './expressions.ts';

export function createStatement(c: Cursor): Bare {
  c.expect('CREATE');
  if (c.take('TABLE')) {
    const name = c.qualifiedName();
    const { columns, keys } = elements(c);
    if (c.is('ON')) {
      c.expect('ON');
      c.name();
    }
    return { kind: 'createTable', name, columns, keys };
  }
  if (c.take('SCHEMA')) return { kind: 'createSchema', name: c.name() };
  const unique = c.take('UNIQUE');
  if (!c.take('NONCLUSTERED')) c.take('CLUSTERED');
  c.expect('INDEX');
  const name = c.name();
  c.expect('ON');
  const table = c.qualifiedName();
  return { kind: 'createIndex', name, table, columns: keyColumns(c), unique };
}

function elements(c: Cursor): { columns: ColumnDefinition[]; keys: KeyDefinition[] } {
  const columns: ColumnDefinition[] = [];
  const keys: KeyDefinition[] = [];
  c.inParentheses(() => element(c, columns, keys));
  if (columns.length === 0) throw c.unexpected();
  return { columns, keys };
}

function element(c: Cursor, columns: ColumnDefinition[], keys: KeyDefinition[]): void {
  if (c.is('CONSTRAINT') || c.is('PRIMARY') || c.is('UNIQUE')) {
    const name = c.take('CONSTRAINT') ? c.name() : undefined;
    keys.push(key(c, name, () => keyColumns(c)));
  } else {
    columns.push(column(c, keys));
  }
}

function key(c: Cursor, name: string | undefined, columns: () => string[]): KeyDefinition {
  const kind = c.take('PRIMARY', 'KEY') ? 'primary' : 'unique';
  if (kind === 'unique') c.expect('UNIQUE');
  const clustered = c.take('CLUSTERED') || (!c.take('NONCLUSTERED') && kind === 'primary');
  const of = columns();
  return { kind, columns: of, clustered, ...(name === undefined ? {} : { name }) };
}

function keyColumns(c: Cursor): string[] {
  return c.inParentheses(() => {
    const name = c.name();
    if (!c.take('DESC')) c.take('ASC');
    return name;
  });
}

/** `name type [COLLATE c] [NULL | NOT NULL | DEFAULT x | IDENTITY | PRIMARY KEY | UNIQUE] ...` */
function column(c: Cursor, keys: KeyDefinition[]): ColumnDefinition {
  const name = c.name();
  let type = dataType(c);
  let nullable: boolean | undefined;
  let initial: Expr | undefined;
  let identity: ColumnDefinition['identity'];
  let filled = false;
  const byDefault = (): void => {
    c.expect('DEFAULT');
    initial = expression(c);
    // A part of the default: behind anything else it is an error.
    filled = c.take('WITH', 'VALUES');
  };
  for (;;) {
    if (c.take('COLLATE')) type = { ...type, collation: collation(c) };
    else if (c.take('NOT', 'NULL')) nullable = false;
    else if (c.take('NULL')) nullable = true;
    else if (c.take('IDENTITY')) identity = identityOf(c);
    else if (c.is('DEFAULT')) byDefault();
    else if (c.is('CONSTRAINT') || c.is('PRIMARY') || c.is('UNIQUE')) {
      const constraint = c.take('CONSTRAINT') ? c.name() : undefined;
      if (c.is('DEFAULT')) byDefault();
      else keys.push(key(c, constraint, () => (c.is('(') ? keyColumns(c) : [name])));
    } else break;
  }
  return {
    name,
    type,
    ...(nullable === undefined ? {} : { nullable }),
    ...(initial ? { default: initial } : {}),
    ...(filled ? { filled } : {}),
    ...(identity ? { identity } : {}),
  };
}

function identityOf(c: Cursor): { seed: bigint; step: bigint } {
  if (!c.is('(')) return { seed: 1n, step: 1n };
  const [seed = 1, step = 1] = c.inParentheses(() => c.integer());
  return { seed: BigInt(seed), step: BigInt(step) };
}

export function alterStatement(c: Cursor): Bare {
  c.expect('ALTER', 'TABLE');
  const name = c.qualifiedName();
  if (c.take('ALTER', 'COLUMN')) return { kind: 'alterColumn', name, column: column(c, []) };
  if (c.take('DROP', 'COLUMN')) return { kind: 'dropColumn', name, columns: c.list(() => c.name()) };
  if (c.take('DROP', 'CONSTRAINT')) return { kind: 'dropConstraint', name, constraint: c.name() };
  c.expect('ADD');
  const columns: ColumnDefinition[] = [];
  const keys: KeyDefinition[] = [];
  c.list(() => element(c, columns, keys));
  return { kind: 'addToTable', name, columns, keys };
}

export function dropStatement(c: Cursor): Bare {
  c.expect('DROP', 'TABLE');
  const ifExists = c.take('IF', 'EXISTS');
  return { kind: 'dropTable', ifExists, names: c.list(() => c.qualifiedName()) };
}

export function truncateStatement(c: Cursor): Bare {
  c.expect('TRUNCATE', 'TABLE');
  return { kind: 'truncate', name: c.qualifiedName() };
}
