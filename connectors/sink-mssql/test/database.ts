import type { Props } from '@tributary/api';
import { type SqlServerHandle, sqlServer } from '@tributary/services';
import type { Test } from 'tap';
import { serverOptions } from '../src/connection/options.ts';
import { type ResultRow, Session } from '../src/connection/session.ts';
import { configOf } from './support.ts';

/** SQL Server, as a test needs it: a real one at `MSSQL_URL` (with user and password), else the double. */
export interface TestDatabase {
  /** How a sink reaches it. */
  readonly props: Props;
  /** Null with a real server, which fails when it wants to. */
  readonly double: SqlServerHandle | null;
  run(sql: string): Promise<readonly ResultRow[]>;
  /** The rows of a query whose columns are all text, each as a list. */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
  /** A name that no other test has; what is called so is dropped when the test ends. */
  tableName(t: Test, hint?: string): string;
}

let names = 0;

/** @param t stops the double when it ends */
export async function database(t: Test): Promise<TestDatabase> {
  const url = process.env['MSSQL_URL'];
  const double = url ? null : await sqlServer();
  const props: Record<string, string> = {
    'connection.url': url ?? double!.url,
    ...(double && { 'connection.user': double.user, 'connection.password': double.password }),
  };
  let open: Session | undefined;
  const session = async (): Promise<Session> => {
    if (!open || open.ended) open = await Session.open(serverOptions(configOf(props), props));
    return open;
  };
  t.teardown(async () => {
    await open?.close();
    await double?.stop();
  });
  const run = async (sql: string): Promise<readonly ResultRow[]> => (await session()).batch(sql);
  return {
    props,
    double,
    run,
    rows: async (sql) => (await run(sql)).map((row) => Object.values(row)),
    tableName(test, hint = 'table') {
      const name = `${hint}_${process.pid}_${++names}`;
      test.teardown(() => run(`DROP TABLE IF EXISTS [${name.replaceAll(']', ']]')}]`));
      return name;
    },
  };
}
