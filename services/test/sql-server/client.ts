import sql from 'mssql';
import type { Test } from 'tap';
import { type SqlServerHandle, type SqlServerOptions, sqlServer } from '../../src/index.ts';

export interface Client {
  readonly server: SqlServerHandle;
  readonly pool: sql.ConnectionPool;
  /** Sends the text as a batch, and returns the rows of its last result. */
  readonly batch: (text: string) => Promise<Record<string, unknown>[]>;
}

/** A server of its own for a test, and a pool of one connection to it. */
export async function connected(t: Test, options: SqlServerOptions = {}): Promise<Client> {
  const server = await sqlServer(options);
  t.teardown(() => server.stop());
  const pool = await poolTo(t, server);
  const batch = async (text: string): Promise<Record<string, unknown>[]> => {
    const { recordsets } = await pool.request().batch<Record<string, unknown>>(text);
    return [...((recordsets as Record<string, unknown>[][]).at(-1) ?? [])];
  };
  return { server, pool, batch };
}

export const configOf = (server: SqlServerHandle): sql.config => ({
  server: server.host,
  port: server.port,
  user: server.user,
  password: server.password,
  database: server.database,
  options: { encrypt: false, trustServerCertificate: true },
  pool: { max: 1, min: 0 },
});

export async function poolTo(
  t: Test,
  server: SqlServerHandle,
  config: Partial<sql.config> = {},
): Promise<sql.ConnectionPool> {
  const pool = await new sql.ConnectionPool({ ...configOf(server), ...config }).connect();
  pool.on('error', () => undefined);
  // Not waited for: it would wait for transactions that a test which failed has left open.
  t.teardown(() => {
    pool.close().catch(() => undefined);
  });
  return pool;
}

/** What an error of the server is expected to be. */
export interface ExpectedError {
  readonly number: number;
  readonly state?: number;
  readonly class?: number;
  readonly lineNumber?: number;
  readonly message?: string | RegExp;
}

/** Asserts that the request fails with that error. */
export async function failsWith(
  t: Test,
  request: Promise<unknown>,
  expected: ExpectedError,
  label?: string,
): Promise<void> {
  await t.rejects(request, expected as unknown as Error, label ?? `error ${expected.number}`);
}
