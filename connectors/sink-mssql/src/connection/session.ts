import mssql, { type ConnectionPool } from 'mssql';
import { type Connection, Request, TYPES } from 'tedious';
import type { StagedType } from '../convert/column.ts';
import { LoginError, rootMessage } from '../errors.ts';
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

/** mssql's pool with what its types leave out. */
interface Pool extends ConnectionPool {
  acquire(requester: object): Promise<Connection>;
  release(connection: Connection): void;
}

/** How much longer than its own timeout the driver may take to connect. */
const GRACE_MS = 500;

/** What the driver takes for `max`. */
const MAX = 65_535;

/**
 * One session of SQL Server. mssql opens and closes it; the statements go to its driver, since temporary tables live in a session and a
 * pool would hand out any.
 */
export class Session {
  readonly #connection: Connection;
  /** Resolves when nothing is left of the session, whoever ended it. */
  readonly #over: Promise<void>;
  #ended = false;

  private constructor(pool: Pool, connection: Connection) {
    this.#connection = connection;
    this.#over = new Promise((resolve) => {
      connection.once('end', () => {
        this.#ended = true;
        pool.release(connection);
        resolve(pool.close());
      });
    });
  }

  /** Whether it can take statements no more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** @throws what the driver throws if there is no server or no login */
  static async open({ server, authentication, options, lockTimeout }: ServerOptions): Promise<Session> {
    const said: ServerSentence[] = [];
    const listen = (sentence: ServerSentence): void => void said.push(sentence);
    // The pool changes what it is given.
    const pool = new mssql.ConnectionPool({
      server,
      authentication,
      options: { ...options },
      pool: { min: 0, max: 1, acquireTimeoutMillis: 2 * (options.connectTimeout ?? 0) + 1000 },
      beforeConnect(connection) {
        connection.on('errorMessage', listen);
        closeIfStuck(connection, options.connectTimeout ?? 0);
      },
    }) as Pool;
    // The same errors reject what is being waited for.
    pool.on('error', () => {});
    let session: Session;
    try {
      await pool.connect();
      const connection = await pool.acquire(pool);
      connection.off('errorMessage', listen);
      session = new Session(pool, connection);
    } catch (cause) {
      await pool.close();
      const sentences = said.map(({ message }) => message);
      throw new LoginError(
        `Cannot log in to ${server}: ${sentences.length > 0 ? sentences.join(' ') : rootMessage(cause)}`,
        said.map(({ number }) => number),
        { cause },
      );
    }
    if (lockTimeout !== null) await session.batch(`SET LOCK_TIMEOUT ${lockTimeout}`);
    return session;
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

  close(): Promise<void> {
    this.#connection.close();
    return this.#over;
  }
}

/**
 * The driver waits without end for the rest of an answer, such as that of a server which is none of SQL Server or hangs.
 * @param timeoutMs 0: none
 */
function closeIfStuck(connection: Connection, timeoutMs: number): void {
  if (timeoutMs === 0) return;
  const timer = setTimeout(() => connection.close(), timeoutMs + GRACE_MS);
  for (const event of ['connect', 'end'] as const) connection.once(event, () => clearTimeout(timer));
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
