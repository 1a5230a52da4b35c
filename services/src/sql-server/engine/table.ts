import type { Expr } from '../sql/ast.ts';
import { keyOf } from './compare.ts';
import { toText } from './convert-to-text.ts';
import { sqlError } from './errors.ts';
import { family, nvarchar, type SqlType, type SqlValue } from './types.ts';

export interface Column {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly default?: Expr;
  readonly identity?: { next: bigint; readonly step: bigint };
}

/** A row keeps its identity while its values change. */
export interface Row {
  values: readonly SqlValue[];
}

/** Takes back a change; those of a transaction are called in reverse order. */
export type Undo = () => void;

export interface UniqueKey {
  readonly kind: 'primary' | 'unique' | 'index';
  readonly name: string;
  readonly columns: readonly number[];
  readonly clustered: boolean;
  readonly rows: Map<string, Row>;
}

/** The longest entry of an index in bytes. */
const CLUSTERED_BYTES = 900;
const NONCLUSTERED_BYTES = 1700;

/** Makes the key of a row out of some of its columns. */
export function rowKey(types: readonly SqlType[], columns: readonly number[]): (values: readonly SqlValue[]) => string {
  const parts = columns.map((at) => keyOf(types[at]!));
  return (values) => {
    let key = '';
    columns.forEach((at, part) => {
      key += keyPart(values[at]!, parts[part]!);
    });
    return key;
  };
}

export function keyPart(value: SqlValue, of: (value: Exclude<SqlValue, null>) => string): string {
  if (value === null) return 'n';
  const text = of(value);
  return `${text.length}:${text}`;
}

let objects = 1_000_000;
let lastTime = 0;

/** Of a clock that shows hundredths of a second, as datetime can hold them all. */
function nextTime(): Date {
  lastTime = Math.max(lastTime + 10, Math.floor(Date.now() / 10) * 10);
  return new Date(lastTime);
}

/** A table with its rows and unique keys. */
export class Table {
  readonly id = ++objects;
  readonly schema: string;
  readonly name: string;
  /** As errors name it, with the database. */
  readonly fullName: string;
  readonly temporary: boolean;
  readonly created = new Date();
  /** When its columns or keys were changed last; two changes never have the same time. */
  modified = nextTime();
  columns: Column[];
  readonly rows = new Set<Row>();
  keys: UniqueKey[] = [];
  /** Changes with each change of rows or columns. */
  version = 0;
  readonly #keyMakers = new WeakMap<UniqueKey, { columns: Column[]; of: (values: readonly SqlValue[]) => string }>();
  readonly #lookups = new Map<string, { version: number; rows: Map<string, Row[]> }>();

  constructor(schema: string, name: string, database: string, columns: readonly Column[]) {
    this.schema = schema;
    this.name = name;
    this.temporary = name.startsWith('#');
    this.fullName = `${this.temporary ? 'tempdb' : database}.${schema}.${name}`;
    this.columns = [...columns];
  }

  get types(): SqlType[] {
    return this.columns.map(({ type }) => type);
  }

  /** @throws SqlError 1946, 2601, 2627 */
  insert(values: readonly SqlValue[], undo: Undo[]): Row {
    const row = { values };
    this.#index(row, undo);
    this.rows.add(row);
    this.version++;
    undo.push(() => {
      this.rows.delete(row);
      this.version++;
    });
    return row;
  }

  delete(row: Row, undo: Undo[]): void {
    this.#unindex(row, undo, this.keys);
    this.rows.delete(row);
    this.version++;
    undo.push(() => {
      this.rows.add(row);
      this.version++;
    });
  }

  /**
   * Changes many rows at once, so that keys may be exchanged between them.
   *
   * @throws SqlError 1946, 2601, 2627
   */
  update(changes: readonly (readonly [Row, readonly SqlValue[]])[], undo: Undo[]): void {
    const moved = this.keys.map((key) => {
      const of = this.#keyOf(key);
      return { key, of, rows: changes.filter(([row, values]) => of(row.values) !== of(values)) };
    });
    for (const { key, rows } of moved) for (const [row] of rows) this.#unindex(row, undo, [key]);
    for (const [row, values] of changes) {
      const before = row.values;
      row.values = values;
      undo.push(() => {
        row.values = before;
        this.version++;
      });
    }
    for (const { key, rows } of moved) for (const [row] of rows) this.#indexIn(key, row, undo);
    this.version++;
  }

  /** The rows by the key of some columns; made at the first use after a change. */
  lookup(columns: readonly number[]): (key: string) => readonly Row[] {
    const unique = this.keys.find(
      (key) => key.columns.length === columns.length && key.columns.every((at, i) => at === columns[i]),
    );
    if (unique) {
      return (key) => {
        const row = unique.rows.get(key);
        return row ? [row] : [];
      };
    }
    const id = columns.join();
    let known = this.#lookups.get(id);
    if (known?.version !== this.version) {
      const of = rowKey(this.types, columns);
      const rows = Map.groupBy(this.rows, (row) => of(row.values));
      known = { version: this.version, rows };
      this.#lookups.set(id, known);
    }
    const { rows } = known;
    return (key) => rows.get(key) ?? [];
  }

  /**
   * Adds a unique key over the rows that are there.
   *
   * @throws SqlError 1505 where two rows share it
   */
  addKey(key: Omit<UniqueKey, 'rows'>, undo: Undo[]): void {
    const added: UniqueKey = { ...key, rows: new Map() };
    const of = this.#keyOf(added);
    for (const row of this.rows) {
      const text = of(row.values);
      if (added.rows.has(text))
        throw sqlError(1505, `${this.schema}.${this.name}`, key.name, this.#shown(added, row.values));
      added.rows.set(text, row);
    }
    const before = this.keys;
    this.keys = [...before, added];
    undo.push(() => {
      this.keys = before;
    });
  }

  removeKey(key: UniqueKey, undo: Undo[]): void {
    const before = this.keys;
    this.keys = before.filter((other) => other !== key);
    undo.push(() => {
      this.keys = before;
    });
  }

  /** Sets other columns, and the values of all rows to fit them. */
  reshape(columns: readonly Column[], values: (row: Row) => readonly SqlValue[], undo: Undo[]): void {
    const before = this.columns;
    this.columns = [...columns];
    this.modified = nextTime();
    this.version++;
    undo.push(() => {
      this.columns = before;
      this.version++;
    });
    for (const row of this.rows) {
      const old = row.values;
      row.values = values(row);
      undo.push(() => {
        row.values = old;
      });
    }
  }

  clear(undo: Undo[]): void {
    const rows = [...this.rows];
    const keys = this.keys.map((key) => ({ key, entries: [...key.rows] }));
    this.rows.clear();
    for (const { key } of keys) key.rows.clear();
    this.version++;
    undo.push(() => {
      for (const row of rows) this.rows.add(row);
      for (const { key, entries } of keys) for (const [text, row] of entries) key.rows.set(text, row);
      this.version++;
    });
  }

  #keyOf(key: UniqueKey): (values: readonly SqlValue[]) => string {
    const made = this.#keyMakers.get(key);
    if (made?.columns === this.columns) return made.of;
    const of = rowKey(this.types, key.columns);
    this.#keyMakers.set(key, { columns: this.columns, of });
    return of;
  }

  #index(row: Row, undo: Undo[]): void {
    for (const key of this.keys) this.#indexIn(key, row, undo);
  }

  #indexIn(key: UniqueKey, row: Row, undo: Undo[]): void {
    this.#checkLength(key, row.values);
    const text = this.#keyOf(key)(row.values);
    if (key.rows.has(text)) {
      const shown = this.#shown(key, row.values);
      const name = `${this.schema}.${this.name}`;
      throw key.kind === 'index'
        ? sqlError(2601, name, key.name, shown)
        : sqlError(2627, key.kind === 'primary' ? 'PRIMARY KEY' : 'UNIQUE KEY', key.name, name, shown);
    }
    key.rows.set(text, row);
    undo.push(() => key.rows.delete(text));
  }

  #unindex(row: Row, undo: Undo[], keys: readonly UniqueKey[]): void {
    for (const key of keys) {
      const text = this.#keyOf(key)(row.values);
      key.rows.delete(text);
      undo.push(() => key.rows.set(text, row));
    }
  }

  #checkLength(key: UniqueKey, values: readonly SqlValue[]): void {
    let bytes = 0;
    for (const at of key.columns) {
      const value = values[at];
      if (typeof value === 'string') bytes += value.length * (this.columns[at]!.type.name.startsWith('n') ? 2 : 1);
      else if (Buffer.isBuffer(value)) bytes += value.length;
    }
    const most = key.clustered ? CLUSTERED_BYTES : NONCLUSTERED_BYTES;
    if (bytes > most) throw sqlError(1946, bytes, key.name, most, key.clustered ? 'clustered' : 'nonclustered');
  }

  /** A key as errors show it. */
  #shown(key: UniqueKey, values: readonly SqlValue[]): string {
    return key.columns
      .map((at) => {
        const value = values[at];
        if (value === null || value === undefined) return '<NULL>';
        const { type } = this.columns[at]!;
        return toText(type, nvarchar(-1), family(type) === 'binary' ? 1 : 0)(value, 'keep');
      })
      .join(', ');
  }
}
