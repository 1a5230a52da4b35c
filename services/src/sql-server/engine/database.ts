import type { Name } from '../sql/ast.ts';
import { sqlError } from './errors.ts';
import { LockManager } from './locks.ts';
import type { Table, Undo } from './table.ts';
import { folded } from './text.ts';

export type Permission = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'ALTER' | 'CREATE TABLE';

const fold = (name: string): string => folded(name, 'CI');

/** The tables of one database. */
export class Database {
  readonly name: string;
  readonly schemas = new Set(['dbo', 'sys', 'INFORMATION_SCHEMA', 'guest']);
  readonly locks: LockManager;
  /** Changes with each change of a definition. */
  version = 0;
  readonly #tables = new Map<string, Table>();
  readonly #denied = new Set<string>();

  constructor(name: string, locks = new LockManager()) {
    this.name = name;
    this.locks = locks;
  }

  get tables(): Table[] {
    return [...this.#tables.values()];
  }

  /** The table of a name of one to three parts. */
  find(name: Name): Table | undefined {
    return this.#tables.get(tableKey(name));
  }

  hasSchema(name: string): boolean {
    return [...this.schemas].some((schema) => fold(schema) === fold(name));
  }

  addSchema(name: string, undo: Undo[]): void {
    if (this.hasSchema(name)) throw sqlError(2714, name);
    this.schemas.add(name);
    undo.push(() => this.schemas.delete(name));
  }

  add(table: Table, undo: Undo[]): void {
    const key = tableKey([table.schema, table.name]);
    if (this.#tables.has(key)) throw sqlError(2714, table.name);
    this.#tables.set(key, table);
    this.version++;
    undo.push(() => {
      this.#tables.delete(key);
      this.version++;
    });
  }

  drop(table: Table, undo: Undo[]): void {
    const key = tableKey([table.schema, table.name]);
    this.#tables.delete(key);
    this.version++;
    undo.push(() => {
      this.#tables.set(key, table);
      this.version++;
    });
  }

  /** Takes a permission on a table, or on the database, from the login; grants it again. */
  setPermission(permission: Permission, table: Name | null, granted: boolean): void {
    const key = `${permission} ${table === null ? '' : tableKey(table)}`;
    if (granted) this.#denied.delete(key);
    else this.#denied.add(key);
  }

  isDenied(permission: Permission, table: Table | null): boolean {
    if (this.#denied.size === 0) return false;
    return this.#denied.has(`${permission} ${table === null ? '' : tableKey([table.schema, table.name])}`);
  }

  /** @throws SqlError 229, 262, 4902 */
  demand(permission: Permission, table: Table | null): void {
    if (table?.temporary || !this.isDenied(permission, table)) return;
    if (table === null) throw sqlError(262, permission, this.name);
    if (permission === 'ALTER') throw sqlError(4902, table.name);
    throw sqlError(229, permission, table.name, this.name, table.schema);
  }
}

/** Names without a schema are dbo's. */
export function tableKey(name: Name): string {
  const schema = name.length > 1 ? name.at(-2)! || 'dbo' : 'dbo';
  return `${fold(schema)}.${fold(name.at(-1)!)}`;
}

export const sameName = (left: string, right: string): boolean => left === right || fold(left) === fold(right);
