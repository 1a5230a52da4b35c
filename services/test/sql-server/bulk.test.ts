import sql from 'mssql';
import t, { type Test } from 'tap';
import { type BulkLoad, Connection, Request, TYPES } from 'tedious';
import { type SqlServerHandle, sqlServer } from '../../src/index.ts';
import { connected, failsWith } from './client.ts';

t.test('rows of all types', async (t) => {
  const { server, pool, batch } = await connected(t);
  await batch(`CREATE TABLE t (a int NOT NULL, b bigint, c nvarchar(max), d varbinary(max), e datetime2(7), f datetimeoffset(7), g bit, h float, i date, j time(7),
    k uniqueidentifier, l decimal(20, 4), m varchar(20), n real, o smallint, p tinyint, q nchar(3), r money, s datetime)`);
  const table = new sql.Table('t');
  const when = new Date('2024-02-29T12:34:56.789Z');
  const guid = '0E984725-C51C-4BF4-9960-E1C80E27ABA0';
  const big = 'x'.repeat(10_000_000);
  const columns: [string, sql.ISqlType | (() => sql.ISqlType), unknown][] = [
    ['a', sql.Int, 1],
    ['b', sql.BigInt, '9007199254740993'],
    ['c', sql.NVarChar(sql.MAX), big],
    ['d', sql.VarBinary(sql.MAX), Buffer.from([1, 2])],
    ['e', sql.DateTime2(7), when],
    ['f', sql.DateTimeOffset(7), when],
    ['g', sql.Bit, false],
    ['h', sql.Float, 1e-7],
    ['i', sql.Date, new Date('2024-02-29T00:00:00Z')],
    ['j', sql.Time(7), when],
    ['k', sql.UniqueIdentifier, guid],
    ['l', sql.Decimal(20, 4), 1234.5678],
    ['m', sql.VarChar(20), 'ä€'],
    ['n', sql.Real, 1.5],
    ['o', sql.SmallInt, -5],
    ['p', sql.TinyInt, 200],
    ['q', sql.NChar(3), 'ab '],
    ['r', sql.Money, 12.25],
    ['s', sql.DateTime, new Date('2024-02-29T12:34:56.790Z')],
  ];
  for (const [name, type] of columns) table.columns.add(name, type, { nullable: name !== 'a' });
  table.rows.add(...(columns.map(([, , value]) => value) as (string | number)[]));
  table.rows.add(...(columns.map(([name]) => (name === 'a' ? 2 : null)) as (string | number)[]));
  t.equal((await pool.request().bulk(table)).rowsAffected, 2);
  const [full, empty] = server.table('t').rows;
  t.equal(full!['c'], big);
  const { c, ...rest } = full!;
  t.same(rest, {
    a: 1,
    b: 9007199254740993n,
    d: Buffer.from([1, 2]),
    e: '2024-02-29 12:34:56.7890000',
    f: '2024-02-29 12:34:56.7890000 +00:00',
    g: false,
    h: 1e-7,
    i: '2024-02-29',
    j: '12:34:56.7890000',
    k: guid,
    l: '1234.5678',
    m: 'ä€',
    n: 1.5,
    o: -5,
    p: 200,
    q: 'ab ',
    r: '12.2500',
    s: '2024-02-29 12:34:56.790',
  });
  t.same(new Set(Object.values(empty!)), new Set([2, null]));
});

/** Loads rows with tedious itself. */
async function load(
  server: SqlServerHandle,
  t: Test,
  define: (bulk: BulkLoad) => void,
  rows: readonly object[],
  table = 't',
): Promise<number> {
  const connection = new Connection({
    server: server.host,
    authentication: { type: 'default', options: { userName: server.user, password: server.password } },
    options: { port: server.port, database: server.database, encrypt: false, trustServerCertificate: true },
  });
  await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
  t.teardown(() => connection.close());
  return new Promise((resolve, reject) => {
    const bulk = connection.newBulkLoad(table, { keepNulls: false }, (error, count) =>
      error ? reject(error) : resolve(count ?? 0),
    );
    define(bulk);
    connection.execBulkLoad(bulk, rows as Iterable<Record<string, unknown>>);
  });
}

t.test('all rows or none', async (t) => {
  const { server, batch } = await connected(t);
  await batch("CREATE TABLE t (id int NOT NULL PRIMARY KEY, v nvarchar(3) NULL DEFAULT N'new')");
  const define = (bulk: BulkLoad): void => {
    bulk.addColumn('id', TYPES.Int, { nullable: false });
    bulk.addColumn('v', TYPES.NVarChar, { length: 10, nullable: true });
  };
  t.equal(
    await load(server, t, define, [
      { id: 1, v: 'a' },
      { id: 2, v: null },
    ]),
    2,
  );
  t.same(server.table('t').rows, [
    { id: 1, v: 'a' },
    { id: 2, v: 'new' },
  ]);
  await failsWith(
    t,
    load(server, t, define, [
      { id: 3, v: 'c' },
      { id: 1, v: 'd' },
    ]),
    { number: 2627 },
  );
  await failsWith(
    t,
    load(server, t, define, [
      { id: 3, v: 'c' },
      { id: 4, v: 'long' },
    ]),
    { number: 2628 },
  );
  await failsWith(
    t,
    load(server, t, (bulk) => bulk.addColumn('missing', TYPES.Int, { nullable: true }), [{ missing: 1 }]),
    { number: 207 },
  );
  await failsWith(
    t,
    load(server, t, (bulk) => bulk.addColumn('id', TYPES.NVarChar, { length: 5, nullable: false }), [{ id: '5' }]),
    { number: 4816 },
  );
  await failsWith(t, load(server, t, define, [], 'missing'), { number: 208 });
  t.equal(server.table('t').rows.length, 2);
});

t.test('a request is cancelled while it waits', async (t) => {
  const server = await sqlServer();
  t.teardown(() => server.stop());
  const connection = new Connection({
    server: server.host,
    authentication: { type: 'default', options: { userName: server.user, password: server.password } },
    options: { port: server.port, database: server.database, encrypt: false, trustServerCertificate: true },
  });
  await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
  t.teardown(() => connection.close());
  const { promise: never } = Promise.withResolvers<void>();
  const fault = server.failNext({ match: 'SELECT 1', until: never });
  const run = (text: string, then?: (request: Request) => void): Promise<number> =>
    new Promise((resolve, reject) => {
      const request = new Request(text, (error, count) => (error ? reject(error) : resolve(count ?? 0)));
      connection.execSqlBatch(request);
      then?.(request);
    });
  const cancelled = run('SELECT 1', (request) => {
    const timer = setInterval(() => {
      if (fault.struck === 0) return;
      clearInterval(timer);
      request.cancel();
    }, 1);
  });
  await t.rejects(cancelled, { code: 'ECANCEL' });
  t.equal(await run('SELECT 2'), 1, 'the connection goes on');
});
