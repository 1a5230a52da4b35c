import t from 'tap';
import { connected, failsWith } from './client.ts';

t.test('MERGE updates, deletes and inserts, and says what it did', async (t) => {
  const { server, batch } = await connected(t);
  await batch(`CREATE TABLE t (k nvarchar(20) NOT NULL, part int NOT NULL, v decimal(10, 2) NULL, PRIMARY KEY (k, part));
    INSERT INTO t VALUES (N'a', 1, 1), (N'b', 1, 2), (N'c', 1, 3)`);
  const changes = await batch(`MERGE INTO t WITH (HOLDLOCK) AS target
    USING (VALUES (N'A ', 1, 10.5, 0), (N'b', 1, NULL, 1), (N'd', 1, 4, 0)) AS incoming (k, part, v, gone)
    ON target.k = incoming.k AND target.part = incoming.part
    WHEN MATCHED AND incoming.gone = 1 THEN DELETE
    WHEN MATCHED THEN UPDATE SET target.v = incoming.v
    WHEN NOT MATCHED BY TARGET AND incoming.gone = 0 THEN INSERT (k, part, v) VALUES (incoming.k, incoming.part, incoming.v)
    OUTPUT $action AS act, inserted.v AS now, deleted.v AS before, incoming.k;`);
  t.same(changes, [
    { act: 'UPDATE', now: 10.5, before: 1, k: 'A ' },
    { act: 'DELETE', now: null, before: 2, k: 'b' },
    { act: 'INSERT', now: 4, before: null, k: 'd' },
  ]);
  t.same(await batch('SELECT k, v FROM t ORDER BY k'), [
    { k: 'a', v: 10.5 },
    { k: 'c', v: 3 },
    { k: 'd', v: 4 },
  ]);
  await batch(
    "MERGE t USING (SELECT N'a' AS k UNION ALL SELECT N'x') AS s ON t.k = s.k WHEN NOT MATCHED BY SOURCE THEN DELETE;",
  );
  t.same(server.table('t').rows, [{ k: 'a', part: 1, v: '10.50' }]);
  await failsWith(
    t,
    batch(
      "MERGE t USING (VALUES (N'q'), (N'Q')) AS s (k) ON t.k = s.k WHEN NOT MATCHED THEN INSERT (k, part) VALUES (s.k, 1);",
    ),
    { number: 2627 },
  );
  await failsWith(
    t,
    batch(
      "MERGE t USING (VALUES (N'q')) AS s (k) ON t.k = s.k WHEN NOT MATCHED THEN INSERT (k, part) VALUES (t.k, 1);",
    ),
    { number: 5334 },
  );
});

t.test('keys are equal as the default collation says', async (t) => {
  const { server, batch } = await connected(t);
  await batch(
    'CREATE TABLE ci (k nvarchar(20) NOT NULL PRIMARY KEY); CREATE TABLE bin (k nvarchar(20) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY)',
  );
  await batch("INSERT INTO ci VALUES (N'a'); INSERT INTO bin VALUES (N'a')");
  for (const same of ["N'A'", "N'a   '", "N'ａ'"])
    await failsWith(t, batch(`INSERT INTO ci VALUES (${same})`), { number: 2627 }, same);
  await batch("INSERT INTO ci VALUES (N'á'), (N' a'), (N'😀')");
  await failsWith(
    t,
    batch("INSERT INTO ci VALUES (N'😁')"),
    { number: 2627 },
    'characters beyond the BMP have no weight',
  );
  await batch("INSERT INTO bin VALUES (N'A'), (N'😀'), (N'😁')");
  await failsWith(t, batch("INSERT INTO bin VALUES (N'a ')"), { number: 2627 });
  await failsWith(t, batch('SELECT 1 AS x FROM ci JOIN bin ON ci.k = bin.k'), { number: 468 });
  t.equal((await batch('SELECT 1 AS x FROM ci JOIN bin ON ci.k = bin.k COLLATE DATABASE_DEFAULT')).length, 4);
  t.equal(server.table('ci').rows.length, 4);
});

t.test('UPDATE and DELETE with joins', async (t) => {
  const { server, batch } = await connected(t);
  await batch(`CREATE TABLE t (id int NOT NULL PRIMARY KEY, v nvarchar(10)); INSERT INTO t VALUES (1, N'a'), (2, N'b'), (3, N'c');
    CREATE TABLE s (id int, v nvarchar(10)); INSERT INTO s VALUES (1, N'x'), (3, N'z'), (4, N'y')`);
  await batch("UPDATE t SET t.v = s.v FROM t JOIN s ON t.id = s.id WHERE s.v <> N'z'");
  await batch(
    "UPDATE target SET v = target.v + N'!' FROM dbo.t AS target INNER JOIN s AS source ON target.id = source.id",
  );
  t.same(
    server.table('t').rows.map(({ v }) => v),
    ['x!', 'b', 'c!'],
  );
  await batch('UPDATE t SET id = id + 1');
  t.same(
    server.table('t').rows.map(({ id }) => id),
    [2, 3, 4],
  );
  await batch('DELETE t FROM t INNER JOIN s ON s.id = t.id');
  t.same(server.table('t').rows, [{ id: 2, v: 'x!' }]);
  await batch('INSERT INTO t (id, v) SELECT s.id, s.v FROM s WHERE NOT EXISTS (SELECT 1 FROM t WHERE t.id = s.id)');
  t.same(
    server.table('t').rows.map(({ id }) => id),
    [2, 1, 3, 4],
  );
  await batch('DELETE FROM t WHERE id IN (SELECT id FROM s)');
  t.same(
    server.table('t').rows.map(({ id }) => id),
    [2],
  );
});

t.test('queries', async (t) => {
  const { batch } = await connected(t);
  await batch(
    "CREATE TABLE t (id int NOT NULL PRIMARY KEY, g varchar(5), v int NULL); INSERT INTO t VALUES (1, 'x', 1), (2, 'x', NULL), (3, 'y', 5), (4, 'Y', 6)",
  );
  const query = async (text: string, expected: unknown): Promise<void> => {
    t.same(
      (await batch(text)).map((row) => Object.values(row)),
      expected,
      text,
    );
  };
  await query('SELECT TOP (2) id FROM t ORDER BY v DESC, id', [[4], [3]]);
  await query('SELECT TOP 1 * FROM t WHERE v IS NULL', [[2, 'x', null]]);
  await query('SELECT COUNT(*) a, COUNT(v) b, SUM(v) c, AVG(v) d, MIN(g) e, MAX(v) f FROM t', [[4, 3, 12, 4, 'x', 6]]);
  await query('SELECT g, COUNT(*) AS n FROM t GROUP BY g HAVING COUNT(*) > 1 ORDER BY g', [
    ['x', 2],
    ['y', 2],
  ]);
  await query('SELECT COUNT(*) FROM t WHERE id > 100', [[0]]);
  await query('SELECT DISTINCT g FROM t ORDER BY g', [['x'], ['y']]);
  await query('SELECT a.id, b.id AS other FROM t a LEFT JOIN t b ON b.id = a.id + 2 WHERE a.id > 1 ORDER BY a.id', [
    [2, 4],
    [3, null],
    [4, null],
  ]);
  await query('SELECT id FROM t ORDER BY id OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY', [[2], [3]]);
  await query(
    'WITH n AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY g ORDER BY id DESC) AS nr FROM t) SELECT id FROM n WHERE nr = 1 ORDER BY id',
    [[2], [4]],
  );
  await query('SELECT 1 AS a UNION SELECT 1 UNION ALL SELECT 2 ORDER BY a', [[1], [2]]);
  await query('SELECT (SELECT MAX(v) FROM t AS i WHERE i.g = o.g) FROM t AS o WHERE id = 3', [[6]]);
  await query(
    'DECLARE @n int = 2, @m int; SELECT @m = @n + MAX(id) FROM t; SET @n = @m * 2; IF @n > 10 SELECT @n AS big ELSE SELECT 0 AS small',
    [[12]],
  );
});

t.test('definitions', async (t) => {
  const { server, batch } = await connected(t);
  await batch(
    `IF OBJECT_ID(N'[dbo].[t]', N'U') IS NULL CREATE TABLE [dbo].[t] ([id] int IDENTITY(10, 5), [a] nvarchar(5) NOT NULL, CONSTRAINT [uq] UNIQUE ([a]))`,
  );
  await batch(`IF OBJECT_ID(N'[dbo].[t]', N'U') IS NULL CREATE TABLE [dbo].[t] (x int)`);
  await batch("INSERT INTO t (a) VALUES ('1'), ('2')");
  await batch('ALTER TABLE t ADD b int NULL, c datetime2(3) NULL; ALTER TABLE t ALTER COLUMN a nvarchar(50) NOT NULL');
  await failsWith(t, batch('ALTER TABLE t ADD d int NOT NULL'), { number: 4901 });
  await batch('ALTER TABLE t ADD d int NOT NULL DEFAULT 4');
  t.same(server.table('t').rows, [
    { id: 10, a: '1', b: null, c: null, d: 4 },
    { id: 15, a: '2', b: null, c: null, d: 4 },
  ]);
  t.same(
    server.table('t').columns.map(({ name, type, nullable }) => `${name} ${type}${nullable ? '' : ' not null'}`),
    ['id int not null', 'a nvarchar(50) not null', 'b int', 'c datetime2(3)', 'd int not null'],
  );
  await failsWith(t, batch("INSERT INTO t (id, a) VALUES (1, N'x')"), { number: 544 });
  await batch('SELECT a, d INTO copy FROM t; TRUNCATE TABLE t; DROP TABLE IF EXISTS missing, t');
  t.same(server.tables(), ['dbo.copy']);
});

t.test('the catalog', async (t) => {
  const { batch } = await connected(t);
  await batch('CREATE SCHEMA app');
  await batch(
    'CREATE TABLE app.t (id bigint NOT NULL, k nvarchar(10) NOT NULL, d decimal(10, 3), m varbinary(max), ts datetimeoffset(4), CONSTRAINT pk PRIMARY KEY (k, id))',
  );
  t.same(
    await batch(
      "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = N'app'",
    ),
    [{ TABLE_SCHEMA: 'app', TABLE_NAME: 't', TABLE_TYPE: 'BASE TABLE' }],
  );
  const columns = await batch(
    'SELECT COLUMN_NAME, DATA_TYPE, IS_NULLABLE, CHARACTER_MAXIMUM_LENGTH AS l, NUMERIC_PRECISION AS p, NUMERIC_SCALE AS s, DATETIME_PRECISION AS f FROM INFORMATION_SCHEMA.COLUMNS ORDER BY ORDINAL_POSITION',
  );
  t.same(
    columns.map((row) => Object.values(row)),
    [
      ['id', 'bigint', 'NO', null, 19, 0, null],
      ['k', 'nvarchar', 'NO', 10, null, null, null],
      ['d', 'decimal', 'YES', null, 10, 3, null],
      ['m', 'varbinary', 'YES', -1, null, null, null],
      ['ts', 'datetimeoffset', 'YES', null, null, null, 4],
    ],
  );
  const keys =
    await batch(`SELECT kcu.COLUMN_NAME AS c FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS tc JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE kcu
    ON kcu.CONSTRAINT_NAME = tc.CONSTRAINT_NAME AND kcu.TABLE_SCHEMA = tc.TABLE_SCHEMA WHERE tc.CONSTRAINT_TYPE = 'PRIMARY KEY' ORDER BY kcu.ORDINAL_POSITION`);
  t.same(keys, [{ c: 'k' }, { c: 'id' }]);
  const sys =
    await batch(`SELECT c.name, t.name AS type, c.max_length, c.is_nullable, CAST(CASE WHEN ic.column_id IS NULL THEN 0 ELSE 1 END AS bit) AS keyed
    FROM sys.columns c JOIN sys.types t ON t.user_type_id = c.user_type_id
    LEFT JOIN sys.indexes i ON i.object_id = c.object_id AND i.is_primary_key = 1
    LEFT JOIN sys.index_columns ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id AND ic.column_id = c.column_id
    WHERE c.object_id = OBJECT_ID(N'app.t') ORDER BY c.column_id`);
  t.same(sys[1], { name: 'k', type: 'nvarchar', max_length: 20, is_nullable: false, keyed: true });
  t.same(sys[3], { name: 'm', type: 'varbinary', max_length: -1, is_nullable: true, keyed: false });
});

t.test('WHILE repeats a block', async (t) => {
  const { server, batch } = await connected(t);
  await batch(`CREATE TABLE t (n int);
    DECLARE @n int = 1;
    WHILE @n <= 3
    BEGIN
      INSERT INTO t VALUES (@n);
      SET @n = @n + 1;
    END;
    WHILE @n < 0 INSERT INTO t VALUES (@n)`);
  t.same(server.table('t').rows, [{ n: 1 }, { n: 2 }, { n: 3 }]);
});

t.test('a column that is added may fill the rows that are there with its default', async (t) => {
  const { server, batch } = await connected(t);
  await batch('CREATE TABLE t (n int); INSERT INTO t VALUES (1)');
  await batch('ALTER TABLE t ADD a int NULL DEFAULT 5 WITH VALUES, b int DEFAULT 5 NULL');
  t.same(server.table('t').rows, [{ n: 1, a: 5, b: null }]);
});

t.test('sys.objects says when a table was changed', async (t) => {
  const { batch } = await connected(t);
  await batch('CREATE TABLE t (n int)');
  const modified = () =>
    batch(
      "SELECT CONVERT(nvarchar(30), modify_date, 126) AS at FROM sys.objects WHERE object_id = OBJECT_ID(N'[dbo].[t]')",
    );
  const before = await modified();
  await batch('INSERT INTO t VALUES (1)');
  t.same(await modified(), before);
  await batch('ALTER TABLE t ADD m int');
  t.notSame(await modified(), before);
});

t.test('the collation of a database is the same whether a column names it or not', async (t) => {
  const { batch } = await connected(t);
  await batch(`CREATE TABLE a (k nvarchar(5)); CREATE TABLE b (k nvarchar(5) COLLATE SQL_Latin1_General_CP1_CI_AS);
    INSERT INTO a VALUES (N'x'); INSERT INTO b VALUES (N'X')`);
  t.same(await batch('SELECT a.k FROM a INNER JOIN b ON a.k = b.k'), [{ k: 'x' }]);
  t.same(await batch("SELECT COLLATIONPROPERTY(N'SQL_Latin1_General_CP1_CI_AS', 'CodePage') AS page"), [
    { page: 1252 },
  ]);
});
