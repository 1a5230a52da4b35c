import sql from 'mssql';
import t from 'tap';
import { connected } from './client.ts';

const ROWS = 10_000;

t.test('rows are loaded in bulk into a temporary table and merged in one transaction', async (t) => {
  const { server, pool, batch } = await connected(t);
  await batch('CREATE TABLE ticks (id int NOT NULL PRIMARY KEY, name nvarchar(50) NULL, price decimal(18, 4) NULL)');
  const upsert = async (name: string): Promise<number[]> => {
    const transaction = new sql.Transaction(pool);
    await transaction.begin();
    const request = (): sql.Request => new sql.Request(transaction);
    await request().batch('SELECT TOP (0) id, name, CAST(price AS nvarchar(50)) AS price INTO #staging FROM ticks');
    const table = new sql.Table('#staging');
    table.columns.add('id', sql.Int, { nullable: false });
    table.columns.add('name', sql.NVarChar(50), { nullable: true });
    table.columns.add('price', sql.NVarChar(50), { nullable: true });
    for (let id = 0; id < ROWS; id++) table.rows.add(id, `${name} ${id}`, `${id}.0001`);
    const loaded = await request().bulk(table);
    const merged = await request().batch(
      `MERGE INTO ticks WITH (HOLDLOCK) AS target USING #staging AS incoming ON target.id = incoming.id
       WHEN MATCHED THEN UPDATE SET name = incoming.name, price = CAST(incoming.price AS decimal(18, 4))
       WHEN NOT MATCHED THEN INSERT (id, name, price) VALUES (incoming.id, incoming.name, CAST(incoming.price AS decimal(18, 4)));
       DROP TABLE #staging;`,
    );
    await transaction.commit();
    return [loaded.rowsAffected, ...merged.rowsAffected];
  };
  t.same(await upsert('first'), [ROWS, ROWS]);
  t.same(await upsert('second'), [ROWS, ROWS]);
  const { rows } = server.table('ticks');
  t.equal(rows.length, ROWS);
  t.same(rows[7], { id: 7, name: 'second 7', price: '7.0001' });
  t.same(server.refused, []);
});
