import sql from 'mssql';
import t from 'tap';
import { connected, failsWith } from './client.ts';

t.test('errors carry number, state, severity and line', async (t) => {
  const { server, batch } = await connected(t);
  await batch(
    'CREATE TABLE [odd "na]]me] (id int NOT NULL CONSTRAINT pk PRIMARY KEY, name nvarchar(3) NULL, n int NOT NULL DEFAULT 7, b varbinary(2))',
  );
  await batch('INSERT INTO "odd ""na]me" (id) VALUES (1)');
  const table = '[odd "na]]me]';
  const name = 'odd "na]me';
  for (const [text, number, state, severity, line, message] of [
    ['SELECT 1;\nSELEC 2', 102, 1, 15, 2, "Incorrect syntax near 'SELEC'."],
    [
      `ALTER TABLE ${table} ADD m int DEFAULT 1 NULL WITH VALUES`,
      156,
      1,
      15,
      1,
      "Incorrect syntax near the keyword 'VALUES'.",
    ],
    [
      `INSERT INTO ${table} (id) VALUES (1)`,
      2627,
      1,
      14,
      1,
      `Violation of PRIMARY KEY constraint 'pk'. Cannot insert duplicate key in object 'dbo.${name}'. The duplicate key value is (1).`,
    ],
    [
      `\n\nINSERT INTO ${table} (id) VALUES (NULL)`,
      515,
      2,
      16,
      3,
      `Cannot insert the value NULL into column 'id', table 'tributary.dbo.${name}'; column does not allow nulls. INSERT fails.`,
    ],
    [
      `UPDATE ${table} SET n = NULL`,
      515,
      2,
      16,
      1,
      `Cannot insert the value NULL into column 'n', table 'tributary.dbo.${name}'; column does not allow nulls. UPDATE fails.`,
    ],
    [
      `INSERT INTO ${table} (id, name) VALUES (2, N'abcd')`,
      2628,
      1,
      16,
      1,
      `String or binary data would be truncated in table 'tributary.dbo.${name}', column 'name'. Truncated value: 'abc'.`,
    ],
    [
      `INSERT INTO ${table} (id, b) VALUES (2, 0x010203)`,
      2628,
      1,
      16,
      1,
      `String or binary data would be truncated in table 'tributary.dbo.${name}', column 'b'. Truncated value: ''.`,
    ],
    [
      `INSERT INTO ${table} (id, b) VALUES (2, N'ab')`,
      257,
      3,
      16,
      1,
      'Implicit conversion from data type nvarchar to varbinary(2) is not allowed. Use the CONVERT function to run this query.',
    ],
    ['SELECT * FROM missing', 208, 1, 16, 1, "Invalid object name 'missing'."],
    [`SELECT missing FROM ${table}`, 207, 1, 16, 1, "Invalid column name 'missing'."],
    [`SELECT x.id FROM ${table}`, 4104, 1, 16, 1, 'The multi-part identifier "x.id" could not be bound.'],
    [`CREATE TABLE ${table} (a int)`, 2714, 6, 16, 1, `There is already an object named '${name}' in the database.`],
    ['CREATE TABLE t (a int, A int)', 2705, 3, 16, 1, /specified more than once/],
    ['CREATE TABLE t (a nvarchar(max) NOT NULL PRIMARY KEY)', 1919, 1, 16, 1, /invalid for use as a key column/],
    ['CREATE TABLE elsewhere.t (a int)', 2760, 1, 16, 1, /schema name "elsewhere"/],
    ['DROP TABLE missing', 3701, 5, 11, 1, /Cannot drop the table 'missing'/],
    ['COMMIT', 3902, 1, 16, 1, /no corresponding BEGIN TRANSACTION/],
    ['EXEC sp_frobnicate', 2812, 62, 16, 1, "Could not find stored procedure 'sp_frobnicate'."],
    [
      `MERGE INTO ${table} AS t USING (SELECT 1 AS id) AS s ON t.id = s.id WHEN MATCHED THEN DELETE`,
      10713,
      1,
      15,
      1,
      /terminated by a semi-colon/,
    ],
    [
      `MERGE INTO ${table} AS t USING (VALUES (1), (1)) AS s (id) ON t.id = s.id WHEN MATCHED THEN UPDATE SET n = 1;`,
      8672,
      1,
      16,
      1,
      /attempted to UPDATE or DELETE the same row more than once/,
    ],
    [`INSERT INTO ${table} (id, name) VALUES (3)`, 109, 1, 15, 1, /more columns in the INSERT statement/],
  ] as const) {
    await failsWith(t, batch(text), { number, state, class: severity, lineNumber: line, message }, text);
  }
  t.same(server.table(`dbo.${table}`).rows, [{ id: 1, name: null, n: 7, b: null }]);
  t.equal(server.refused.length, 3);
});

t.test('an older server names no column where text is too long', async (t) => {
  const { batch } = await connected(t, { truncationError: 8152 });
  await batch('CREATE TABLE t (a varchar(2))');
  await failsWith(t, batch("INSERT INTO t VALUES ('abc')"), {
    number: 8152,
    message: 'String or binary data would be truncated.',
  });
  await batch("INSERT INTO t VALUES ('ab    ')");
});

t.test('permissions', async (t) => {
  const { server, batch } = await connected(t);
  await batch('CREATE TABLE t (a int)');
  server.deny('INSERT', 't');
  server.deny('ALTER', 't');
  server.deny('CREATE TABLE');
  await failsWith(t, batch('INSERT INTO t VALUES (1)'), {
    number: 229,
    message: "The INSERT permission was denied on the object 't', database 'tributary', schema 'dbo'.",
  });
  await failsWith(t, batch('ALTER TABLE t ADD b int'), { number: 4902 });
  await failsWith(t, batch('CREATE TABLE u (a int)'), { number: 262 });
  await batch('CREATE TABLE #u (a int); DROP TABLE #u');
  server.grant('INSERT', 't');
  await batch('INSERT INTO t VALUES (1)');
});

t.test('a batch that does not compile executes nothing', async (t) => {
  const { server, batch } = await connected(t);
  await batch('CREATE TABLE t (a int)');
  await failsWith(t, batch('INSERT INTO t VALUES (1); INSERT INTO t (b) VALUES (1)'), { number: 207 });
  await failsWith(t, batch('ALTER TABLE t ADD b int; INSERT INTO t (b) VALUES (1)'), { number: 207 });
  t.same(server.table('t').rows, []);
  t.equal(server.table('t').columns.length, 1);
  await failsWith(
    t,
    batch('INSERT INTO t VALUES (1); INSERT INTO missing VALUES (1)'),
    { number: 208 },
    'tables may come to be while it runs',
  );
  t.same(server.table('t').rows, [{ a: 1 }]);
});

t.test('statements behind one that failed go on, unless XACT_ABORT is on', async (t) => {
  const { server, batch } = await connected(t);
  await batch('CREATE TABLE t (a int NOT NULL PRIMARY KEY)');
  await failsWith(t, batch('INSERT INTO t VALUES (1); INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)'), {
    number: 2627,
  });
  t.same(server.table('t').rows, [{ a: 1 }, { a: 2 }]);
  await failsWith(
    t,
    batch(
      'SET XACT_ABORT ON; BEGIN TRAN; INSERT INTO t VALUES (3); INSERT INTO t VALUES (1); INSERT INTO t VALUES (4)',
    ),
    { number: 2627 },
  );
  t.same(server.table('t').rows, [{ a: 1 }, { a: 2 }]);
  t.same(await batch('SELECT @@TRANCOUNT AS depth'), [{ depth: 0 }]);
});

t.test('an error inside of TRY goes to CATCH', async (t) => {
  const { batch } = await connected(t);
  await batch('CREATE TABLE t (a int NOT NULL PRIMARY KEY); INSERT INTO t VALUES (1)');
  const [row] = await batch(`
    BEGIN TRY
      INSERT INTO t VALUES (1);
    END TRY
    BEGIN CATCH
      SELECT ERROR_NUMBER() AS number, ERROR_LINE() AS line, XACT_STATE() AS state;
    END CATCH`);
  t.same(row, { number: 2627, line: 3, state: 0 });
  await failsWith(t, batch('BEGIN TRY INSERT INTO t VALUES (1) END TRY BEGIN CATCH THROW; END CATCH'), {
    number: 2627,
  });
});

t.test('too many parameters, too many rows, too few parameters', async (t) => {
  const { pool, batch } = await connected(t);
  await batch('CREATE TABLE t (a int)');
  const crowded = pool.request();
  for (let at = 0; at < 2099; at++) crowded.input(`p${at}`, sql.Int, at);
  await failsWith(t, crowded.query('SELECT @p0 AS a'), { number: 8003 });
  const rows = (count: number): string => `INSERT INTO t VALUES ${Array.from({ length: count }, () => '(1)').join()}`;
  await failsWith(t, batch(rows(1001)), { number: 10738 });
  await batch(rows(1000));
});
