import { type Props, parseDecimal, Schema } from '@tributary/api';
import { runSink, type SinkRun } from '@tributary/api/testing';
import sqlServerSink from '@tributary/sink-mssql';
import t, { type Test } from 'tap';
import manifest from '../package.json' with { type: 'json' };
import { database } from './database.ts';

const db = await database(t);

/** A sink that is closed when the test ends. */
async function sink(t: Test, topic: string, props: Props = {}): Promise<SinkRun> {
  const run = await runSink(sqlServerSink, { topics: topic, 'retry.backoff.ms': '1', ...db.props, ...props });
  t.teardown(() => run.close());
  return run;
}
const UPSERT = { 'insert.mode': 'upsert', 'pk.mode': 'record_key', 'pk.fields': 'id' };

t.test('the package lists the connector as the connector describes itself', async (t) => {
  const { class: className, aliases, version, kind } = sqlServerSink;
  t.strictSame(manifest.tributary.plugins, [
    { kind, class: className, aliases, version, module: '.', export: 'default' },
  ]);
});

t.test('inserts go into a table that is there', async (t) => {
  const topic = db.tableName(t);
  await db.run(`CREATE TABLE [${topic}] (id int NOT NULL PRIMARY KEY, name nvarchar(20) NULL)`);
  const run = await sink(t, topic);
  await run.put([
    { topic, value: { id: 1, name: 'grüße 🎉' } },
    { topic, value: { id: 2, name: null } },
    { topic, value: { id: 3 } },
  ]);
  t.strictSame(await db.rows(`SELECT id, name FROM [${topic}] ORDER BY id`), [
    [1, 'grüße 🎉'],
    [2, null],
    [3, null],
  ]);
});

t.test('an upsert adds and changes rows, and again changes nothing', async (t) => {
  const topic = db.tableName(t);
  await db.run(`CREATE TABLE [${topic}] (id nvarchar(50) NOT NULL PRIMARY KEY, n int NULL, other int NULL DEFAULT 7)`);
  const records = [
    { topic, key: 'a', value: { n: 1 } },
    { topic, key: 'b', value: { n: 2 } },
    { topic, key: 'a', value: { n: 3 } },
  ];
  const rows = () => db.rows(`SELECT id, n, other FROM [${topic}] ORDER BY id`);
  for (let i = 0; i < 2; i++) {
    const run = await sink(t, topic, UPSERT);
    await run.put(records);
    await run.put([{ topic, key: 'c', value: { n: 4 } }]);
    t.strictSame(
      run.errant.map(({ error }) => (error as Error).message),
      [],
    );
    t.strictSame(await rows(), [
      ['a', 3, 7],
      ['b', 2, 7],
      ['c', 4, 7],
    ]);
  }
});

t.test('keys that only the server holds to be equal are one row, with what came last', async (t) => {
  const topic = db.tableName(t);
  await db.run(
    `CREATE TABLE [${topic}] (id nvarchar(50) COLLATE Latin1_General_CI_AS NOT NULL PRIMARY KEY, n int NULL, m int NULL)`,
  );
  const run = await sink(t, topic, { ...UPSERT, 'delete.enabled': 'true' });
  await run.put([
    { topic, key: 'a', value: { n: 1, m: 1 } },
    { topic, key: 'A', value: { n: 2 } },
    { topic, key: 'a  ', value: { n: 3 } },
    { topic, key: 'b', value: { n: 1, m: 1 } },
    { topic, key: 'B', value: null },
  ]);
  t.strictSame(await db.rows(`SELECT id, n, m FROM [${topic}] ORDER BY id`), [['a', 3, 1]]);
  t.strictSame(run.errant, []);
});

t.test('deletes and upserts of a key happen in their order', async (t) => {
  const topic = db.tableName(t);
  await db.run(`CREATE TABLE [${topic}] (id int NOT NULL PRIMARY KEY, n int NULL, m int NULL)
INSERT INTO [${topic}] VALUES (1, 1, 1), (2, 1, 1), (3, 1, 1)`);
  const run = await sink(t, topic, { ...UPSERT, 'delete.enabled': 'true' });
  await run.put([
    { topic, key: 1, value: null },
    { topic, key: 2, value: null },
    { topic, key: 2, value: { n: 5 } },
    { topic, key: 3, value: { n: 6 } },
    { topic, key: 4, value: { n: 7 } },
    { topic, key: 4, value: null },
    { topic, key: 5, value: null },
  ]);
  t.strictSame(await db.rows(`SELECT id, n, m FROM [${topic}] ORDER BY id`), [
    [2, 5, null],
    [3, 6, 1],
  ]);
});

t.test('inserts with deletes', async (t) => {
  const topic = db.tableName(t);
  await db.run(
    `CREATE TABLE [${topic}] (id int NOT NULL PRIMARY KEY, n int NULL); INSERT INTO [${topic}] VALUES (1, 1)`,
  );
  const run = await sink(t, topic, { 'pk.mode': 'record_key', 'pk.fields': 'id', 'delete.enabled': 'true' });
  await run.put([
    { topic, key: 1, value: null },
    { topic, key: 1, value: { n: 2 } },
    { topic, key: 2, value: { n: 3 } },
    { topic, key: 2, value: null },
  ]);
  t.strictSame(await db.rows(`SELECT id, n FROM [${topic}]`), [[1, 2]]);
});

t.test('an update changes rows that are there and adds none', async (t) => {
  const topic = db.tableName(t);
  await db.run(
    `CREATE TABLE [${topic}] (id int NOT NULL PRIMARY KEY, n int NULL, m int NULL); INSERT INTO [${topic}] VALUES (1, 1, 1)`,
  );
  const run = await sink(t, topic, { ...UPSERT, 'insert.mode': 'update' });
  await run.put([
    { topic, key: 1, value: { n: 2 } },
    { topic, key: 2, value: { n: 2 } },
    { topic, key: 1, value: { m: 3 } },
  ]);
  t.strictSame(await db.rows(`SELECT id, n, m FROM [${topic}]`), [[1, 2, 3]]);
});

t.test('a field that is missing leaves its column alone, or at its default in a new row', async (t) => {
  const topic = db.tableName(t);
  await db.run(
    `CREATE TABLE [${topic}] (id int NOT NULL PRIMARY KEY, a int NULL, b int NOT NULL DEFAULT 9, c int NULL)`,
  );
  const run = await sink(t, topic, UPSERT);
  await run.put([
    { topic, key: 1, value: { a: 1, b: 1, c: 1 } },
    { topic, key: 2, value: { a: 2 } },
    { topic, key: 1, value: { c: 3 } },
    { topic, key: 3, value: { b: 4, c: null } },
  ]);
  const rows = () => db.rows(`SELECT id, a, b, c FROM [${topic}] ORDER BY id`);
  t.strictSame(await rows(), [
    [1, 1, 1, 3],
    [2, 2, 9, null],
    [3, null, 4, null],
  ]);
  await run.put([{ topic, key: 2, value: { c: 5 } }]);
  t.strictSame((await rows())[1], [2, 2, 9, 5]);
});

t.test('10,000 updates of one key within one millisecond leave the last, also when they come again', async (t) => {
  const topic = db.tableName(t);
  await db.run(`CREATE TABLE [${topic}] (id nvarchar(50) NOT NULL PRIMARY KEY, n int NULL)`);
  const records = Array.from({ length: 10_000 }, (_, n) => ({
    topic,
    key: 'AAPL',
    value: { n },
    timestamp: 1,
    offset: n,
  }));
  for (let i = 0; i < 2; i++) {
    const run = await sink(t, topic, UPSERT);
    await run.put(records);
    t.strictSame(await db.rows(`SELECT id, n FROM [${topic}]`), [['AAPL', 9999]]);
  }
});

t.test('values are exact, whatever their type', async (t) => {
  const topic = db.tableName(t);
  await db.run(`CREATE TABLE [${topic}] (id int NOT NULL PRIMARY KEY, big bigint, dec decimal(38,10), m money, dt datetime2(7), dto datetimeoffset(7),
    d date, tm time(7), old datetime, f float, r real, b bit, txt nvarchar(max), bin varbinary(max), g uniqueidentifier, v varchar(10))`);
  const run = await sink(t, topic, UPSERT);
  await run.put([
    {
      topic,
      key: 1,
      value: {
        big: 9223372036854775807n,
        dec: parseDecimal('-1234567890123456789012345678.0123456789'),
        m: '922337203685477.5807',
        dt: '2024-07-01T12:30:45.1234567Z',
        dto: '2024-07-01T12:30:45.1234567-03:30',
        d: '0001-01-01',
        tm: '23:59:59.9999999',
        old: new Date('2024-07-01T12:30:45.123Z'),
        f: 0.1,
        r: 0.5,
        b: true,
        txt: 'it\'s "日本" 🎉\n\0',
        bin: new Uint8Array([0, 255]),
        g: '0f8fad5b-d9cb-469f-a165-70867728950e',
        v: 'é€',
      },
    },
  ]);
  t.strictSame(run.errant, []);
  const text = (column: string, style = '') => `CONVERT(nvarchar(60), ${column}${style}) AS ${column}`;
  t.strictSame(
    await db.rows(
      `SELECT ${text('big')}, ${text('dec')}, ${text('m', ', 2')}, ${text('dt', ', 126')}, ${text('dto', ', 126')}, ${text('d', ', 23')}, ${text('tm')}, ${text('old', ', 126')}, f, r, b, txt, bin, ${text('g')}, v FROM [${topic}]`,
    ),
    [
      [
        '9223372036854775807',
        '-1234567890123456789012345678.0123456789',
        '922337203685477.5807',
        '2024-07-01T12:30:45.1234567',
        '2024-07-01T12:30:45.1234567-03:30',
        '0001-01-01',
        '23:59:59.9999999',
        '2024-07-01T12:30:45.123',
        0.1,
        0.5,
        true,
        'it\'s "日本" 🎉\n\0',
        Buffer.from([0, 255]),
        '0F8FAD5B-D9CB-469F-A165-70867728950E',
        'é€',
      ],
    ],
  );
});

t.test('a value of 10 MB', async (t) => {
  const topic = db.tableName(t);
  await db.run(`CREATE TABLE [${topic}] (id int NOT NULL PRIMARY KEY, txt nvarchar(max), bin varbinary(max))`);
  const run = await sink(t, topic, UPSERT);
  const txt = 'ä'.repeat(10_000_000);
  await run.put([{ topic, key: 1, value: { txt, bin: new Uint8Array(10_000_000).fill(7) } }]);
  t.strictSame(
    await db.rows(`SELECT CAST(DATALENGTH(txt) AS int) AS t, CAST(DATALENGTH(bin) AS int) AS b FROM [${topic}]`),
    [[20_000_000, 10_000_000]],
  );
});

t.test('tables are made by the schema, and get columns when it grows', async (t) => {
  const topic = db.tableName(t);
  const run = await sink(t, topic, { ...UPSERT, 'auto.create': 'true', 'auto.evolve': 'true' });
  const fields = { n: Schema.int8(), at: Schema.timestamp({ optional: true }), amount: Schema.decimal(2) };
  const value = { n: -128, at: new Date(123), amount: parseDecimal('1.50') };
  await run.put([{ topic, key: 'a', keySchema: Schema.string(), value, valueSchema: Schema.struct(fields) }]);
  const more = Schema.struct({
    ...fields,
    note: Schema.string({ optional: true }),
    grade: Schema.int32({ default: 5 }),
  });
  await run.put([
    { topic, key: 'b', keySchema: Schema.string(), value: { ...value, note: 'x', grade: null }, valueSchema: more },
    { topic, key: 'c', keySchema: Schema.string(), value, valueSchema: Schema.struct(fields) },
  ]);
  t.strictSame(run.errant, []);
  t.strictSame(
    await db.rows(
      `SELECT id, n, CONVERT(nvarchar(40), at, 126) AS at, CONVERT(nvarchar(40), amount) AS amount, note, grade FROM [${topic}] ORDER BY id`,
    ),
    [
      ['a', -128, '1970-01-01T00:00:00.1230000', '1.50', null, 5],
      ['b', -128, '1970-01-01T00:00:00.1230000', '1.50', 'x', 5],
      ['c', -128, '1970-01-01T00:00:00.1230000', '1.50', null, 5],
    ],
  );
});

t.test('tables are made by what values look like, without a schema', async (t) => {
  const topic = db.tableName(t);
  const run = await sink(t, topic, { ...UPSERT, 'auto.create': 'true', 'auto.evolve': 'true' });
  await run.put([
    { topic, key: 7, value: { price: 100, name: 'x', flag: true, big: 2n ** 60n, later: null, tags: ['a', 1] } },
    { topic, key: 8, value: { price: 100.5, later: null } },
  ]);
  await run.put([{ topic, key: 9, value: { later: 'now' } }]);
  t.strictSame(run.errant, []);
  t.strictSame(
    await db.rows(
      `SELECT CONVERT(int, id) AS id, price, name, flag, CONVERT(nvarchar(40), big) AS big, later, tags FROM [${topic}] ORDER BY id`,
    ),
    [
      [7, 100, 'x', true, '1152921504606846976', null, '["a",1]'],
      [8, 100.5, null, null, null, null, null],
      [9, null, null, null, null, 'now', null],
    ],
  );
});

t.test('fields whose names the server holds to be equal are one column', async (t) => {
  const topic = db.tableName(t);
  const run = await sink(t, topic, { ...UPSERT, 'auto.create': 'true', 'auto.evolve': 'true' });
  const record = (key: number, value: object) => ({ topic, key, value });
  await run.put([record(1, { Key: 'a' }), record(2, { KEY: 'b', n: 1 })]);
  await run.put([record(3, { é: 'c' }), record(4, { É: 'd', m: 2 }), record(5, { É: 'e', é: 'f' })]);
  t.strictSame(
    run.errant.map(({ record, error }) => [record.key, (error as Error).message]),
    [[5, `Fields É and é would both be column é of table [dbo].[${topic}]; rename one with ReplaceField`]],
  );
  t.strictSame(await db.rows(`SELECT CONVERT(int, id) AS id, [Key], n, é, m FROM [${topic}] ORDER BY id`), [
    [1, 'a', null, null, null],
    [2, 'b', 1, null, null],
    [3, null, null, 'c', null],
    [4, null, null, 'd', 2],
  ]);
});

t.test(
  'a column that another task has added meanwhile does not keep the others away',
  { skip: !db.double },
  async (t) => {
    const topic = db.tableName(t);
    const run = await sink(t, topic, { ...UPSERT, 'auto.create': 'true', 'auto.evolve': 'true' });
    await run.put([{ topic, key: 1, value: { a: 'x' } }]);
    const other = Promise.withResolvers<void>();
    const held = db.double!.failNext({ match: 'ALTER TABLE', until: other.promise });
    const put = run.put([{ topic, key: 2, value: { a: 'y', b: 'y', c: 'y' } }]);
    while (held.struck === 0) await new Promise(setImmediate);
    await db.run(`ALTER TABLE [${topic}] ADD b nvarchar(max) NULL`);
    other.resolve();
    await put;
    t.strictSame(run.errant, []);
    t.strictSame(await db.rows(`SELECT a, b, c FROM [${topic}] ORDER BY id`), [
      ['x', null, null],
      ['y', 'y', 'y'],
    ]);
  },
);

t.test('names that need quotes, and names that try to be SQL, are names', async (t) => {
  const victim = db.tableName(t, 'victim');
  await db.run(`CREATE TABLE [${victim}] (a int)`);
  const topic = db.tableName(t, `x]; DROP TABLE ${victim}; --'`);
  const column = `c]] int); DROP TABLE ${victim}; --'"`;
  const run = await sink(t, topic, { ...UPSERT, 'auto.create': 'true', 'table.name.format': '[${topic}]' });
  await run.put([
    {
      topic,
      key: `'; DROP TABLE ${victim}; --`,
      value: { [column]: `'); DROP TABLE ${victim}; --`, select: 1, 'a b.c': 2 },
    },
  ]);
  t.strictSame(run.errant, []);
  t.strictSame(await db.rows(`SELECT * FROM [${topic.replaceAll(']', ']]')}]`), [
    [`'; DROP TABLE ${victim}; --`, `'); DROP TABLE ${victim}; --`, 1, 2],
  ]);
  t.strictSame(await db.rows(`SELECT COUNT(*) AS n FROM [${victim}]`), [[0]]);
});

t.test('one poisoned record in each thousand is reported, the others are stored', async (t) => {
  const topic = db.tableName(t);
  await db.run(`CREATE TABLE [${topic}] (id int NOT NULL PRIMARY KEY, n int NULL, s nvarchar(5) NOT NULL)`);
  const run = await sink(t, topic, UPSERT);
  const records = Array.from({ length: 4000 }, (_, i) => ({
    topic,
    key: i,
    value: { n: i, s: 'ok' } as Record<string, unknown>,
  }));
  records[500]!.value['n'] = 'no number';
  records[1500]!.value['s'] = 'too long';
  records[2500]!.value['s'] = null;
  await run.put(records);
  t.strictSame(
    run.errant.map(({ record, error }) => [
      record.offset,
      (error as Error).message.replace(/ of table.*| \(field.*/, ''),
    ]),
    [
      [500, 'Column n (int): text of 9 characters is not a whole number'],
      [1500, 'Column s (nvarchar(5)): text of 8 characters has 8 characters, too many for the column'],
      [2500, 'Column s (nvarchar(5))'],
    ],
  );
  t.strictSame(await db.rows(`SELECT COUNT(*) AS n FROM [${topic}]`), [[3997]]);
});

t.test('a record that the server refuses is found among the others, and its column named', async (t) => {
  const topic = db.tableName(t);
  await db.run(
    `CREATE TABLE [${topic}] (id int NOT NULL PRIMARY KEY, n int NULL, u int NULL CONSTRAINT [uq_${topic}] UNIQUE)`,
  );
  const run = await sink(t, topic, UPSERT);
  await run.put(Array.from({ length: 100 }, (_, i) => ({ topic, key: i, value: { n: i, u: i === 60 ? 59 : i } })));
  t.match(
    run.errant.map(({ record, error }) => [record.offset, (error as Error).message]),
    [[60, /2627.*its columns: u/s]],
  );
  t.strictSame(await db.rows(`SELECT COUNT(*) AS n FROM [${topic}]`), [[99]]);
});

t.test('a table that is changed under the sink is looked at again', async (t) => {
  const topic = db.tableName(t);
  await db.run(`CREATE TABLE [${topic}] (id int NOT NULL PRIMARY KEY, s nvarchar(5) NULL, amount decimal(18,4) NULL)`);
  const run = await sink(t, topic, UPSERT);
  await run.put([{ topic, key: 1, value: { s: 'short', amount: '1.2345' } }]);
  await db.run(`ALTER TABLE [${topic}] ALTER COLUMN s nvarchar(50) NULL`);
  await run.put([{ topic, key: 2, value: { s: 'a longer text', amount: '1.2345' } }]);
  t.strictSame(run.errant, [], 'a wider column takes what did not fit before');
  await db.run(`ALTER TABLE [${topic}] ADD extra int NULL`);
  await run.put([{ topic, key: 3, value: { s: 'x', amount: '1', extra: 5 } }]);
  t.strictSame(run.errant, [], 'a new column is seen');
  await db.run(`UPDATE [${topic}] SET amount = NULL; ALTER TABLE [${topic}] ALTER COLUMN amount decimal(18,2) NULL`);
  await run.put([{ topic, key: 4, value: { s: 'x', amount: '1.2345' } }]);
  t.match(run.errant, [{ error: { message: /more than 2 digits/ } }], 'nothing is rounded for a narrower one');
  await db.run(
    `DROP TABLE [${topic}]; CREATE TABLE [${topic}] (id nvarchar(10) NOT NULL PRIMARY KEY, s nvarchar(50) NULL)`,
  );
  await run.put([{ topic, key: 5, value: { s: 'y' } }]);
  t.strictSame(await db.rows(`SELECT id, s FROM [${topic}]`), [['5', 'y']], 'a table that is another now');
});

t.test('a record that would not fit is not blamed for a table that is gone', async (t) => {
  const topic = db.tableName(t);
  await db.run(`CREATE TABLE [${topic}] (id int NOT NULL PRIMARY KEY, n tinyint NULL)`);
  const run = await sink(t, topic, UPSERT);
  await run.put([{ topic, key: 1, value: { n: 1 } }]);
  await db.run(`DROP TABLE [${topic}]`);
  const records = [{ topic, key: 2, offset: 1, value: { n: 256, more: 1 } }];
  await t.rejects(run.put(records), { name: 'RetriableError', message: /There is no table .*set auto.create=true/ });
  await db.run(`CREATE TABLE [${topic}] (id int NOT NULL PRIMARY KEY, n int NULL, more int NULL)`);
  await run.put(records);
  t.strictSame(run.errant, []);
  t.strictSame(await db.rows(`SELECT id, n, more FROM [${topic}]`), [[2, 256, 1]]);
});

t.test('records of several topics go into their tables in one transaction', async (t) => {
  const [one, two] = [db.tableName(t, 'one'), db.tableName(t, 'two')];
  for (const topic of [one, two]) await db.run(`CREATE TABLE [${topic}] (id int NOT NULL PRIMARY KEY, n int)`);
  const run = await sink(t, `${one},${two}`, UPSERT);
  await run.put([
    { topic: one, key: 1, value: { n: 1 } },
    { topic: two, key: 1, value: { n: 2 } },
  ]);
  t.strictSame(await db.rows(`SELECT n FROM [${one}] UNION ALL SELECT n FROM [${two}]`), [[1], [2]]);
});

t.test('the server understood everything', { skip: !db.double }, async (t) => {
  t.strictSame(
    db.double!.refused.map(({ sql, errors }) => [sql, errors]),
    [],
  );
});
