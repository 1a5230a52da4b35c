import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { selfSigned } from '../certificate.ts';
import { LOOPBACK } from '../ports.ts';
import { Connection } from './connection.ts';
import { Database, type Permission } from './engine/database.ts';
import { nameParts } from './engine/functions-catalog.ts';
import type { Instance } from './engine/session.ts';
import { typeText } from './engine/types.ts';
import { Faults, type PendingFault, type SqlServerFault } from './faults.ts';
import { type RecordedStatement, type ShownValue, StatementLog, shown } from './record.ts';
import { secureFirst, secureInside, TLS_HANDSHAKE } from './wire/tls.ts';

export interface SqlServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Default `sa`. */
  readonly user?: string;
  /** Default `Tributary-1`. */
  readonly password?: string;
  /** The databases that are there beside master; the first one is that of {@link SqlServerHandle.url}. Default `tributary`. */
  readonly databases?: readonly string[];
  /** `off`: it has no TLS. `on`: a client may ask for it, in the login or before it (TDS 8.0). `required`: none comes in without. Default `on`. */
  readonly encryption?: 'off' | 'on' | 'required';
  /** The error for text that is too long: 2628 of newer servers, or 8152 of those before 2019. Default 2628. */
  readonly truncationError?: 2628 | 8152;
}

/** A table as a test looks at it. */
export interface ShownTable {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
  readonly primaryKey: readonly string[];
  /** Rows that are not committed yet included. */
  readonly rows: readonly Readonly<Record<string, ShownValue>>[];
}

/** A double of SQL Server that is running. */
export interface SqlServerHandle {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** `jdbc:sqlserver://host:port;databaseName=...;encrypt=false` */
  readonly url: string;
  /** Its certificate as PEM, which vouches for itself, for localhost and 127.0.0.1. */
  readonly certificate: string;
  /** The requests so far, the oldest first; the newest 20,000 are kept. */
  readonly statements: readonly RecordedStatement[];
  /** What it was asked and did not understand: errors of syntax. A test of a client expects none. */
  readonly refused: readonly RecordedStatement[];
  /** The connections that are open. */
  readonly connections: number;
  /** Forgets the recorded requests. */
  forget(): void;
  /** `schema.table` of each table of the database. */
  tables(): string[];
  /** @throws Error if there is no such table */
  table(name: string): ShownTable;
  /** Has a fault strike the next statement that matches. */
  failNext(fault: SqlServerFault): PendingFault;
  /** Takes a permission from the login: on a table, or CREATE TABLE in the database. */
  deny(permission: Permission, table?: string): void;
  grant(permission: Permission, table?: string): void;
  /** Breaks all connections; new ones are taken. */
  disconnect(): void;
  /** Breaks all connections and takes no new ones; what is not committed is lost. */
  kill(): Promise<void>;
  /** Takes connections again at the same port; the tables are as they were. */
  restart(): Promise<void>;
  /** For good. */
  stop(): Promise<void>;
}

/**
 * Starts a double of SQL Server on 127.0.0.1, in this process. It speaks TDS 7.4 and understands the part of T-SQL that
 * sinks send; what it does not understand is refused with error 102, and listed in {@link SqlServerHandle.refused}.
 */
export async function sqlServer(options: SqlServerOptions = {}): Promise<SqlServerHandle> {
  const server = new SqlServer(options);
  await server.listen(options.port ?? 0);
  return server;
}

/** Numbers of the sessions of users begin here. */
const FIRST_SESSION = 51;

class SqlServer implements SqlServerHandle {
  readonly host = LOOPBACK;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly #databases = new Map<string, Database>();
  readonly #instance: Instance;
  readonly #certificate = selfSigned('TDS double');
  readonly #encryption: 'off' | 'on' | 'required';
  readonly #faults = new Faults();
  readonly #log = new StatementLog();
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;
  #sessions = FIRST_SESSION;

  constructor(options: SqlServerOptions) {
    this.user = options.user ?? 'sa';
    this.password = options.password ?? 'Tributary-1';
    const names = options.databases ?? ['tributary'];
    this.#encryption = options.encryption ?? 'on';
    this.database = names[0] ?? 'master';
    for (const name of new Set([...names, 'master'])) this.#databases.set(name, new Database(name));
    this.#instance = { databases: this.#databases, truncationError: options.truncationError ?? 2628 };
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `jdbc:sqlserver://${this.host}:${this.#port};databaseName=${this.database};encrypt=false`;
  }

  get certificate(): string {
    return this.#certificate.certificate;
  }

  get statements(): readonly RecordedStatement[] {
    return this.#log.all;
  }

  get refused(): readonly RecordedStatement[] {
    return this.#log.all.filter(({ errors }) => errors.some(({ number }) => SYNTAX_ERRORS.has(number)));
  }

  get connections(): number {
    return this.#sockets.size;
  }

  forget(): void {
    this.#log.clear();
  }

  tables(): string[] {
    return this.#own.tables.map(({ schema, name }) => `${schema}.${name}`);
  }

  table(name: string): ShownTable {
    const table = this.#own.find(nameParts(name));
    if (!table)
      throw new Error(
        `There is no table ${name} in ${this.database}; there are: ${this.tables().join(', ') || 'none'}.`,
      );
    const primary = table.keys.find(({ kind }) => kind === 'primary');
    return {
      columns: table.columns.map(({ name: column, type, nullable }) => ({
        name: column,
        type: typeText(type),
        nullable,
      })),
      primaryKey: primary?.columns.map((at) => table.columns[at]!.name) ?? [],
      rows: [...table.rows].map(({ values }) =>
        Object.fromEntries(table.columns.map(({ name: column, type }, at) => [column, shown(type, values[at]!)])),
      ),
    };
  }

  failNext(fault: SqlServerFault): PendingFault {
    return this.#faults.add(fault);
  }

  deny(permission: Permission, table?: string): void {
    this.#own.setPermission(permission, table === undefined ? null : nameParts(table), false);
  }

  grant(permission: Permission, table?: string): void {
    this.#own.setPermission(permission, table === undefined ? null : nameParts(table), true);
  }

  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    const closed = server ? once(server, 'close') : undefined;
    server?.close();
    this.disconnect();
    await closed;
  }

  async restart(): Promise<void> {
    if (this.#server) await this.kill();
    await this.listen(this.#port);
  }

  async stop(): Promise<void> {
    await this.kill();
  }

  async listen(port: number): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    server.listen(port, LOOPBACK);
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  get #own(): Database {
    return this.#databases.get(this.database)!;
  }

  /** A client of TDS 8.0 begins with TLS. */
  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      const encrypted = first[0] === TLS_HANDSHAKE && this.#encryption !== 'off';
      this.#connect(encrypted ? secureFirst(socket, this.#certificate) : socket, encrypted);
    });
  }

  #connect(stream: Duplex, encrypted: boolean): void {
    const secures = this.#encryption !== 'off' && !encrypted;
    new Connection(stream, {
      id: this.#sessions++,
      instance: this.#instance,
      user: this.user,
      password: this.password,
      defaultDatabase: 'master',
      faults: this.#faults,
      log: this.#log,
      secure: secures ? (plain) => secureInside(plain, this.#certificate) : null,
      requireEncryption: secures && this.#encryption === 'required',
    });
  }
}

const SYNTAX_ERRORS = new Set([102, 105, 137, 156, 174, 195, 2812]);
