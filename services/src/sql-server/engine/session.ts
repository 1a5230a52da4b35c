import type { Name } from '../sql/ast.ts';
import type { SessionFacts } from './bound.ts';
import { byteLength } from './byte-length.ts';
import { type Database, type Permission, sameName } from './database.ts';
import { type SqlError, sqlError } from './errors.ts';
import type { LockOwner } from './locks.ts';
import type { TableCatalog } from './run.ts';
import { defaults, type Settings } from './settings.ts';
import type { Table, Undo } from './table.ts';
import { Transaction, type TransactionEvent } from './transaction.ts';
import type { Catalog } from './view-parts.ts';

export interface Login {
  readonly id: number;
  readonly user: string;
  readonly app: string;
  readonly host: string;
}

/** What all sessions share. */
export interface Instance {
  readonly databases: ReadonlyMap<string, Database>;
  readonly truncationError: 2628 | 8152;
}

/** One session: its database, settings, temporary tables and transaction. */
export class Session implements LockOwner {
  readonly id: number;
  readonly login: Login;
  readonly instance: Instance;
  readonly transaction: Transaction;
  database: Database;
  settings: Settings = defaults();
  rowCount = 0;
  identity: bigint | null = null;
  /** The error that a CATCH block handles. */
  caught: SqlError | null = null;
  /** Locks of sp_getapplock that the session owns. */
  readonly locks = new Set<string>();
  readonly #temporary = new Map<string, Table>();

  constructor(login: Login, instance: Instance, database: Database, events: (event: TransactionEvent) => void) {
    this.id = login.id;
    this.login = login;
    this.instance = instance;
    this.database = database;
    this.transaction = new Transaction(this, events);
  }

  /** @throws SqlError 911 */
  use(name: string): void {
    this.database = this.databaseOf(name) ?? notThere(name);
  }

  databaseOf(name: string): Database | undefined {
    return [...this.instance.databases.values()].find((database) => sameName(database.name, name));
  }

  /** Ends it: rolls back, drops its temporary tables, lets go of its locks. */
  end(): void {
    if (this.transaction.count > 0) this.transaction.rollback();
    this.transaction.releaseLocks();
    for (const name of this.locks) this.database.locks.release(this, name);
    this.locks.clear();
    this.#temporary.clear();
  }

  /** As a pool does before it lends a connection again. */
  reset(): void {
    this.end();
    this.settings = defaults();
    this.caught = null;
  }

  get temporaryTables(): Table[] {
    return [...this.#temporary.values()];
  }

  /** Drops the temporary tables that are not among those. */
  keepTemporary(tables: readonly Table[]): void {
    for (const [key, table] of this.#temporary) if (!tables.includes(table)) this.#temporary.delete(key);
  }

  readonly catalog: TableCatalog = {
    find: (name) => this.find(name),
    add: (table, undo) => {
      if (table.temporary) this.#addTemporary(table, undo);
      else this.database.add(table, undo);
    },
    drop: (table, undo) => {
      if (table.temporary) this.#dropTemporary(table, undo);
      else this.database.drop(table, undo);
    },
    schemaOf: (name) => {
      const schema = name.at(-2) || 'dbo';
      if (name.at(-1)!.startsWith('#')) return 'dbo';
      const known = [...this.database.schemas].find((other) => sameName(other, schema));
      if (known === undefined) throw sqlError(2760, schema);
      return known;
    },
  };

  find(name: Name): Table | undefined {
    const own = name.at(-1)!;
    if (own.startsWith('#')) return this.#temporary.get(own.toLowerCase());
    const database = name.length > 2 ? this.databaseOf(name.at(-3)!) : this.database;
    return database?.find(name.slice(-2));
  }

  /** The tables that views of a database show. */
  catalogOf(database: string | undefined): Catalog {
    const temporary = database !== undefined && sameName(database, 'tempdb');
    const of =
      (database === undefined || temporary ? this.database : this.databaseOf(database)) ?? notThere(database ?? '');
    return {
      database: of,
      tables: temporary ? this.temporaryTables : of.tables,
      databases: [...this.instance.databases.values()].map(({ name }) => name),
    };
  }

  facts(): SessionFacts {
    return {
      id: this.id,
      user: this.login.user,
      database: this.database.name,
      app: this.login.app,
      host: this.login.host,
      tranCount: () => this.transaction.count,
      xactState: () => (this.transaction.count === 0 ? 0 : this.transaction.doomed ? -1 : 1),
      rowCount: () => this.rowCount,
      identity: () => this.identity,
      isolation: () => this.settings.isolation,
      caught: () => this.caught,
      objectId: (name) => this.find(name)?.id ?? null,
      objectName: (id) => {
        const table = [...this.database.tables, ...this.temporaryTables].find((other) => other.id === id);
        return table ? { schema: table.schema, name: table.name } : null;
      },
      columnLength: (table, column) => {
        const found = this.find(table)?.columns.find(({ name }) => sameName(name, column));
        return found ? byteLength(found.type) : null;
      },
      hasPermission: (permission, table) =>
        !this.database.isDenied(permission as Permission, table === null ? null : (this.find(table) ?? null)),
      hasDatabase: (name) => this.databaseOf(name) !== undefined,
      hasSchema: (name) => this.database.hasSchema(name),
    };
  }

  #addTemporary(table: Table, undo: Undo[]): void {
    const key = table.name.toLowerCase();
    this.#temporary.set(key, table);
    undo.push(() => this.#temporary.delete(key));
  }

  #dropTemporary(table: Table, undo: Undo[]): void {
    const key = table.name.toLowerCase();
    this.#temporary.delete(key);
    undo.push(() => this.#temporary.set(key, table));
  }
}

function notThere(name: string): never {
  throw sqlError(911, name);
}
