import { messageOf } from '@tributary/api';
import mssql from 'mssql';
import { type Connection, Request, TYPES } from 'tedious';
import type { StagedType } from '../convert/column.ts';
import { LoginError } from '../errors.ts';
import type { ServerOptions } from './options.ts';

export type ResultRow = Readonly<Record<string, unknown>>;

/** Values for the variables of a statement, sent beside its text. */
export type Parameters = Readonly<Record<string, string | number | bigint>>;

/** A column that rows are loaded into. Its name is not quoted by the driver, so it is none of a user's. */
export interface LoadColumn {
  readonly name: string;
  readonly type: StagedType;
  readonly nullable: boolean;
}

interface ServerSentence {
  readonly number: number;
  readonly message: string;
}

type LoadValue = string | number | bigint | boolean | Buffer | null;

/** What the driver takes for `max`. */
const MAX = 65_535;

/**
 * One session of SQL Server. mssql opens and closes it; the statements go to its driver, since temporary tables live in a session and a
 * pool would hand out any.
 */
export class Session {
  readonly #pool: InstanceType<typeof mssql.ConnectionPool>;
  readonly #connection: Connection;
  #ended = false;

  private constructor(pool: InstanceType<typeof mssql.ConnectionPool>, connection: Connection) {
    this.#pool = pool;
    this.#connection = connection;
    connection.once('end', () => {
      this.#ended = true;
    });
  }

  /** Whether it can take statements no more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** @throws what the driver throws if there is no server or no login */
  static async open({ server, authentication, options, lockTimeout }: ServerOptions): Promise<Session> {
    // The pool changes what it is given.
    const pool = new mssql.ConnectionPool({
      server,
      authentication,
      options: { ...options },
      pool: { min: 0, max: 1, acquireTimeoutMillis: 2 * (options.connectTimeout ?? 0) + 1000 },
      beforeConnect: (connection) => connection.on('errorMessage', (token) => said.push(token)),
    });
    const said: ServerSentence[] = [];
    // The same errors reject what is being waited for.
    pool.on('error', () => {});
    try {
      await pool.connect();
      const session = new Session(pool, await pool.acquire(pool));
      if (lockTimeout !== null) await session.batch(`SET LOCK_TIMEOUT ${lockTimeout}`);
      return session;
    } catch (cause) {
      await pool.close();
      const messages = said.map(({ message }) => message);
      throw new LoginError(
        `Cannot log in to ${server}: ${messages.length > 0 ? messages.join(' ') : messageOf(cause)}`,
        said.map(({ number }) => number),
        { cause },
      );
    }
  }

  /** Runs a batch by sp_executesql, whose plans the server keeps. Temporary tables that it makes end with it. */
  query(sql: string, parameters: Parameters = {}): Promise<readonly ResultRow[]> {
    return this.#run(sql, parameters, (request) => this.#connection.execSql(request));
  }

  /** Runs a batch as it is, in the session's own scope: what it sets and makes stays. */
  batch(sql: string): Promise<readonly ResultRow[]> {
    return this.#run(sql, {}, (request) => this.#connection.execSqlBatch(request));
  }

  #run(sql: string, parameters: Parameters, send: (request: Request) => void): Promise<readonly ResultRow[]> {
    return new Promise((resolve, reject) => {
      const rows: ResultRow[] = [];
      const request = new Request(sql, (error) => (error ? reject(error) : resolve(rows)));
      for (const [name, value] of Object.entries(parameters)) {
        request.addParameter(name, typeof value === 'string' ? TYPES.NVarChar : TYPES.BigInt, value);
      }
      request.on('row', (columns: ReadonlyArray<{ metadata: { colName: string }; value: unknown }>) => {
        rows.push(Object.fromEntries(columns.map(({ metadata, value }) => [metadata.colName, value])));
      });
      send(request);
    });
  }

  /** Loads rows in bulk. @param table quoted; of this session */
  load(table: string, columns: readonly LoadColumn[], rows: Iterable<readonly LoadValue[]>): Promise<void> {
    return new Promise((resolve, reject) => {
      const bulk = this.#connection.newBulkLoad(table, { keepNulls: true }, (error) =>
        error ? reject(error) : resolve(),
      );
      for (const { name, type, nullable } of columns) {
        const length = 'length' in type ? { length: type.length ?? MAX } : {};
        bulk.addColumn(name, DRIVER_TYPES[type.type], { nullable, ...length });
      }
      this.#connection.execBulkLoad(bulk, rows as Iterable<unknown[]>);
    });
  }

  async close(): Promise<void> {
    this.#connection.close();
    this.#pool.release(this.#connection);
    await this.#pool.close();
  }
}

const DRIVER_TYPES = {
  int: TYPES.Int,
  bigint: TYPES.BigInt,
  bit: TYPES.Bit,
  float: TYPES.Float,
  real: TYPES.Real,
  nvarchar: TYPES.NVarChar,
  varbinary: TYPES.VarBinary,
  uniqueidentifier: TYPES.UniqueIdentifier,
} as const;
