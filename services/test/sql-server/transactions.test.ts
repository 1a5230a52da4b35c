import sql from 'mssql';
import t from 'tap';
import { until } from '../until.ts';
import { connected, failsWith, poolTo } from './client.ts';

t.test('what is rolled back is as it was', async (t) => {
  const { server, pool, batch } = await connected(t);
  await batch("CREATE TABLE t (id int NOT NULL PRIMARY KEY, v nvarchar(10)); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
  const before = server.table('t');
  const transaction = new sql.Transaction(pool);
  await transaction.begin(sql.ISOLATION_LEVEL.SERIALIZABLE);
  const request = (): sql.Request => transaction.request();
  await request().batch(
    "UPDATE t SET id = id + 10; DELETE FROM t WHERE id = 12; INSERT INTO t VALUES (3, 'c'); ALTER TABLE t ADD n int",
  );
  await request().batch('UPDATE t SET n = 1');
  await request().batch('CREATE TABLE u (a int); INSERT INTO u VALUES (1); TRUNCATE TABLE u; SELECT * INTO #t FROM t');
  t.equal((await request().query('SELECT @@TRANCOUNT AS depth')).recordset[0].depth, 1);
  await transaction.rollback();
  const sorted = (rows: readonly object[]): object[] =>
    rows.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  t.same(sorted(server.table('t').rows), before.rows);
  t.same(server.table('t').columns, before.columns);
  t.same(server.tables(), ['dbo.t']);
  await batch("INSERT INTO t VALUES (3, 'c')");
  await failsWith(t, batch("INSERT INTO t VALUES (1, 'c')"), { number: 2627 });
});

t.test('savepoints and nested transactions', async (t) => {
  const { server, batch } = await connected(t);
  await batch('CREATE TABLE t (a int)');
  await batch(
    'BEGIN TRAN; INSERT INTO t VALUES (1); SAVE TRAN here; INSERT INTO t VALUES (2); ROLLBACK TRAN here; BEGIN TRAN; INSERT INTO t VALUES (3); COMMIT; COMMIT',
  );
  t.same(server.table('t').rows, [{ a: 1 }, { a: 3 }]);
  await batch('BEGIN TRAN; INSERT INTO t VALUES (4); BEGIN TRAN; INSERT INTO t VALUES (5); COMMIT; ROLLBACK');
  t.same(server.table('t').rows, [{ a: 1 }, { a: 3 }]);
});

t.test('a transaction that its text leaves open is told of with error 266', async (t) => {
  const { pool, batch } = await connected(t);
  await failsWith(t, pool.request().query('BEGIN TRAN'), { number: 266 });
  await batch('ROLLBACK');
});

t.test('what is written stays out of sight until it is committed', async (t) => {
  const { server, pool, batch } = await connected(t);
  const other = await poolTo(t, server);
  await batch('CREATE TABLE t (id int NOT NULL PRIMARY KEY)');
  const transaction = new sql.Transaction(pool);
  await transaction.begin();
  await transaction.request().batch('INSERT INTO t VALUES (1)');
  t.equal((await other.request().query('SELECT * FROM t WITH (NOLOCK)')).recordset.length, 1);
  await failsWith(t, other.request().query('SET LOCK_TIMEOUT 0; SELECT * FROM t'), { number: 1222 });
  const waiting = other.request().query('SELECT * FROM t');
  await transaction.rollback();
  t.same((await waiting).recordset, []);
});

t.test('two that wait for each other: one is the victim', async (t) => {
  const { server, batch } = await connected(t);
  await batch('CREATE TABLE a (x int); CREATE TABLE b (x int)');
  const [one, two] = await Promise.all([poolTo(t, server), poolTo(t, server)]);
  const first = new sql.Transaction(one);
  const second = new sql.Transaction(two);
  await first.begin();
  await second.begin();
  second.on('rollback', () => undefined);
  await first.request().batch('INSERT INTO a VALUES (1)');
  await second.request().batch('INSERT INTO b VALUES (2)');
  const waiting = first.request().batch('INSERT INTO b VALUES (1)');
  await until(
    'the first waits',
    () => server.statements.filter(({ sql: text }) => text === 'INSERT INTO b VALUES (1)').length === 1,
  );
  await failsWith(t, second.request().batch('INSERT INTO a VALUES (2)'), { number: 1205, class: 13 });
  await waiting;
  await first.commit();
  t.same(server.table('a').rows, [{ x: 1 }]);
  t.same(server.table('b').rows, [{ x: 1 }]);
});

t.test('application locks', async (t) => {
  const { server, pool } = await connected(t);
  const other = await poolTo(t, server);
  const take =
    "DECLARE @r int; EXEC @r = sp_getapplock @Resource = N'offsets', @LockMode = N'Exclusive', @LockTimeout = 0; SELECT @r AS r";
  const transaction = new sql.Transaction(pool);
  await transaction.begin();
  t.equal((await transaction.request().batch(take)).recordset[0].r, 0);
  const second = new sql.Transaction(other);
  await second.begin();
  t.equal((await second.request().batch(take)).recordset[0].r, -1);
  await transaction.commit();
  t.equal((await second.request().batch(take)).recordset[0].r, 0);
  await second.rollback();
});

t.test('sp_executesql is a scope of its own', async (t) => {
  const { pool, batch } = await connected(t);
  await pool.request().query('SET XACT_ABORT ON; CREATE TABLE #mine (a int); INSERT INTO #mine VALUES (1)');
  await failsWith(t, batch('SELECT * FROM #mine'), { number: 208 });
  await batch('CREATE TABLE #mine (a int)');
  t.same((await pool.request().query('SELECT * FROM #mine')).recordset, []);
});

t.test('temporary tables belong to their session', async (t) => {
  const { server, batch } = await connected(t);
  const other = await poolTo(t, server);
  await batch('CREATE TABLE #t (a int)');
  await failsWith(t, other.request().batch('SELECT * FROM #t'), { number: 208 });
  await other.request().batch('CREATE TABLE #t (b int)');
});

t.test('prepared statements', async (t) => {
  const { pool, batch } = await connected(t);
  await batch('CREATE TABLE t (id int, v nvarchar(10))');
  const insert = new sql.PreparedStatement(pool);
  insert.input('id', sql.Int);
  insert.input('v', sql.NVarChar(10));
  await insert.prepare('INSERT INTO t VALUES (@id, @v)');
  for (const id of [1, 2, 3]) t.same((await insert.execute({ id, v: `v${id}` })).rowsAffected, [1]);
  await insert.unprepare();
  t.same((await batch('SELECT COUNT(*) AS n FROM t'))[0], { n: 3 });
  const broken = new sql.PreparedStatement(pool);
  await failsWith(t, broken.prepare('SELEC 1'), { number: 102 });
});

t.test('output parameters', async (t) => {
  const { pool } = await connected(t);
  const { output } = await pool.request().output('n', sql.Int).input('m', sql.Int, 20).query('SET @n = @m + 1');
  t.same(output, { n: 21 });
});
