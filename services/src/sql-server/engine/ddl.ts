import type { ColumnDefinition, KeyDefinition, Name, Statement } from '../sql/ast.ts';
import { checker } from './assign.ts';
import { conversion, conversionKind } from './convert.ts';
import { sameName } from './database.ts';
import { sqlError } from './errors.ts';
import { bindValue } from './expressions.ts';
import type { Execute, Run } from './run.ts';
import { type Column, Table } from './table.ts';
import { family, MAX, type SqlType, type SqlValue } from './types.ts';

const DONE = { kind: 'done' } as const;
const MOST_COLUMNS = 1024;

type Of<K extends Statement['kind']> = Statement & { kind: K };

/** @throws SqlError 2714 and others, when it is executed */
export function createTable(statement: Of<'createTable'>, run: Run): Execute {
  return () => {
    const { name } = statement;
    if (!isTemporary(name)) run.database.demand('CREATE TABLE', null);
    const keyed = new Set(primaryColumns(statement.keys));
    const columns = statement.columns.map((column) =>
      columnOf(column, keyed.has(column.name.toLowerCase()), lastOf(name)),
    );
    defineTable(name, columns, statement.keys, run);
    return DONE;
  };
}

/** Makes a table, also for SELECT INTO. */
export function defineTable(name: Name, columns: readonly Column[], keys: readonly KeyDefinition[], run: Run): Table {
  const { catalog, undo } = run;
  const own = lastOf(name);
  const schema = catalog.schemaOf(name);
  if (catalog.find(name)) throw sqlError(2714, own);
  checkColumns(columns, own);
  const table = new Table(schema, own, run.database.name, columns);
  catalog.add(table, undo);
  for (const key of keys) addKey(table, key, run);
  return table;
}

function checkColumns(columns: readonly Column[], table: string): void {
  columns.forEach(({ name }, at) => {
    if (at >= MOST_COLUMNS) throw sqlError(1702, name, table);
    if (columns.findIndex((other) => sameName(other.name, name)) !== at) throw sqlError(2705, name, table);
  });
}

const lastOf = (name: Name): string => name.at(-1)!;
const isTemporary = (name: Name): boolean => lastOf(name).startsWith('#');
const primaryColumns = (keys: readonly KeyDefinition[]): string[] =>
  keys.filter(({ kind }) => kind === 'primary').flatMap(({ columns }) => columns.map((column) => column.toLowerCase()));

function columnOf(definition: ColumnDefinition, keyed: boolean, table: string): Column {
  if (keyed && definition.nullable === true) throw sqlError(8111, table);
  return {
    name: definition.name,
    type: definition.type,
    nullable: definition.nullable ?? !(keyed || definition.identity !== undefined),
    ...(definition.default ? { default: definition.default } : {}),
    ...(definition.identity ? { identity: { next: definition.identity.seed, step: definition.identity.step } } : {}),
  };
}

function addKey(table: Table, definition: KeyDefinition, run: Run): void {
  const { kind } = definition;
  if (kind === 'primary' && table.keys.some((key) => key.kind === 'primary')) throw sqlError(1779, table.name);
  const columns = definition.columns.map((name) => keyColumn(table, name));
  if (kind === 'primary' && columns.some((at) => table.columns[at]!.nullable)) throw sqlError(8111, table.name);
  const name =
    definition.name ??
    `${kind === 'primary' ? 'PK' : 'UQ'}__${table.name.slice(0, 8)}__${hash(table.id, table.keys.length)}`;
  table.addKey({ kind, name, columns, clustered: definition.clustered }, run.undo);
}

const hash = (id: number, at: number): string =>
  BigInt.asUintN(64, BigInt(id * 31 + at) * 0x9e3779b97f4a7c15n)
    .toString(16)
    .toUpperCase()
    .padStart(16, '0');

function keyColumn(table: Table, name: string): number {
  const at = table.columns.findIndex((column) => sameName(column.name, name));
  if (at === -1) throw sqlError(1911, name);
  const { type } = table.columns[at]!;
  if (type.length === MAX || ['xml', 'text', 'ntext', 'image'].includes(type.name))
    throw sqlError(1919, table.columns[at]!.name, table.name);
  return at;
}

function altered(name: Name, run: Run): Table {
  const table = run.catalog.find(name);
  if (!table) throw sqlError(4902, name.join('.'));
  run.database.demand('ALTER', table);
  return table;
}

export function addToTable(statement: Of<'addToTable'>, run: Run): Execute {
  return () => {
    const table = altered(statement.name, run);
    const keyed = new Set(primaryColumns(statement.keys));
    const added = statement.columns.map((column) => columnOf(column, keyed.has(column.name.toLowerCase()), table.name));
    const columns = [...table.columns, ...added];
    checkColumns(columns, table.name);
    const values = added.map((column, at): SqlValue => {
      const filled = column.default !== undefined && (!column.nullable || statement.columns[at]!.filled === true);
      if (!column.nullable && !filled && !column.identity && table.rows.size > 0)
        throw sqlError(4901, column.name, table.name);
      if (!filled) return null;
      const bound = bindValue(column.default!, null, run.context);
      const value = bound.eval([]);
      return value === null ? null : conversion(bound.type, column.type)(value);
    });
    const reshaped = (row: { readonly values: readonly SqlValue[] }): SqlValue[] => [
      ...row.values,
      ...added.map((column, at) => (column.identity ? next(column) : values[at]!)),
    ];
    table.reshape(columns, reshaped, run.undo);
    for (const key of statement.keys) addKey(table, key, run);
    return DONE;
  };
}

function next(column: Column): bigint {
  const value = column.identity!.next;
  column.identity!.next += column.identity!.step;
  return value;
}

export function alterColumn(statement: Of<'alterColumn'>, run: Run): Execute {
  return () => {
    const table = altered(statement.name, run);
    const at = table.columns.findIndex(({ name }) => sameName(name, statement.column.name));
    if (at === -1) throw sqlError(4924, statement.column.name, table.name);
    const before = table.columns[at]!;
    const after: Column = { ...before, type: statement.column.type, nullable: statement.column.nullable ?? true };
    if (table.keys.some(({ columns }) => columns.includes(at)) && !widens(before, after))
      throw sqlError(4922, before.name);
    if (conversionKind(before.type, after.type) !== 'implicit') throw sqlError(206, before.type.name, after.type.name);
    const convert = conversion(before.type, after.type, { tooLong: 'keep' });
    const check = checker(table, after, run, 'UPDATE');
    const columns = table.columns.with(at, after);
    table.reshape(
      columns,
      ({ values }) => values.with(at, check(values[at] === null ? null : convert(values[at]!))),
      run.undo,
    );
    return DONE;
  };
}

/** A column of a key may only become longer. */
const widens = (before: Column, after: Column): boolean =>
  before.type.name === after.type.name &&
  family(before.type) !== 'exact' &&
  after.type.length >= before.type.length &&
  before.nullable === after.nullable;

export function dropColumn(statement: Of<'dropColumn'>, run: Run): Execute {
  return () => {
    const table = altered(statement.name, run);
    const dropped = statement.columns.map((name) => {
      const at = table.columns.findIndex((column) => sameName(column.name, name));
      if (at === -1) throw sqlError(4924, name, table.name);
      const key = table.keys.find(({ columns }) => columns.includes(at));
      if (key) throw sqlError(5074, key.name, name);
      return at;
    });
    const kept = <T>(of: readonly T[]): T[] => of.filter((_, at) => !dropped.includes(at));
    const shift = (at: number): number => at - dropped.filter((other) => other < at).length;
    const before = table.keys;
    table.keys = before.map((key) => ({ ...key, columns: key.columns.map(shift) }));
    run.undo.push(() => {
      table.keys = before;
    });
    table.reshape(kept(table.columns), ({ values }) => kept(values), run.undo);
    return DONE;
  };
}

export function dropConstraint(statement: Of<'dropConstraint'>, run: Run): Execute {
  return () => {
    const table = altered(statement.name, run);
    const key = table.keys.find(({ name, kind }) => kind !== 'index' && sameName(name, statement.constraint));
    if (!key) throw sqlError(3728, statement.constraint);
    table.removeKey(key, run.undo);
    return DONE;
  };
}

export function createIndex(statement: Of<'createIndex'>, run: Run): Execute {
  return () => {
    const table = altered(statement.table, run);
    if (table.keys.some(({ name }) => sameName(name, statement.name))) throw sqlError(1913, statement.name, table.name);
    const columns = statement.columns.map((name) => keyColumn(table, name));
    if (statement.unique) table.addKey({ kind: 'index', name: statement.name, columns, clustered: false }, run.undo);
    return DONE;
  };
}

export function createSchema(statement: Of<'createSchema'>, run: Run): Execute {
  return () => {
    run.database.addSchema(statement.name, run.undo);
    return DONE;
  };
}

export function dropTable(statement: Of<'dropTable'>, run: Run): Execute {
  return () => {
    for (const name of statement.names) {
      const table = run.catalog.find(name);
      if (table) run.catalog.drop(table, run.undo);
      else if (!statement.ifExists) throw sqlError(3701, name.join('.'));
    }
    return DONE;
  };
}

export function truncate(statement: Of<'truncate'>, run: Run): Execute {
  return () => {
    const table = run.catalog.find(statement.name);
    if (!table) throw sqlError(4701, lastOf(statement.name));
    if (run.database.isDenied('ALTER', table)) throw sqlError(1088, lastOf(statement.name));
    table.clear(run.undo);
    return DONE;
  };
}

/** SELECT ... INTO */
export function selectInto(statement: Of<'select'>, into: Name, run: Run): Execute {
  const query = run.context.query(statement.query, null);
  return () => {
    const columns = query.columns.map(({ name, type, nullable }): Column => {
      if (name === '') throw sqlError(1038);
      return { name, type: plainType(type), nullable };
    });
    const rows = query.rows([]);
    const table = defineTable(into, columns, [], run);
    for (const values of rows) table.insert(values, run.undo);
    return { kind: 'count', count: rows.length };
  };
}

/** A text or binary value of no length cannot be a column. */
const plainType = (type: SqlType): SqlType =>
  type.length === 0 && (family(type) === 'text' || family(type) === 'binary') ? { ...type, length: 1 } : type;
