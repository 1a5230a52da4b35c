import { Schema } from '@tributary/api';
import t from 'tap';
import type { InsertMode } from '../../src/config.ts';
import { columnWriter } from '../../src/convert/column.ts';
import { addColumnsSql, createTableSql, newColumn } from '../../src/table/ddl.ts';
import { type Column, columnsSql } from '../../src/table/info.ts';
import { advanceSql, claimSql, createOffsetsSql } from '../../src/write/offsets.ts';
import { unchangedSql, VARIABLES, type Write, writeSql } from '../../src/write/sql.ts';
import { createStagingSql, type Staging, type StagingColumn } from '../../src/write/staging.ts';
import { column, configOf, golden, tableOf, zonesOf } from '../support.ts';

const staged = (column: Column, key = false, optional = false): StagingColumn => {
  const { staged, cast, via } = columnWriter(column, zonesOf());
  return { column, staged, cast, via, key, optional };
};
const stagingOf = (columns: readonly StagingColumn[], deletes = false): Staging => ({
  name: '#tributary1',
  columns,
  deletes,
});
const sqlOf = (mode: InsertMode, staging: Staging, rest: Partial<Write> = {}): string =>
  `${createStagingSql(staging)}\n\n${VARIABLES}${writeSql({ mode, table: '[dbo].[ticks]', staging, holdlock: true, omitted: [new Set()], ...rest })}`;

const symbol = staged(column('symbol', 'nvarchar(450)', { nullable: false }), true);
const price = staged(column('price', 'decimal(18,6)'));
const time = staged(column('event_time', 'datetime2(7)'));
const ticks = [symbol, price, time];

t.test('an upsert is one MERGE, of one row per key in each round', (t) =>
  golden(t, 'upsert.sql', sqlOf('upsert', stagingOf(ticks))),
);

t.test('an upsert without HOLDLOCK', (t) =>
  golden(t, 'upsert-no-holdlock.sql', sqlOf('upsert', stagingOf(ticks), { holdlock: false })),
);

t.test('an upsert with deletes', (t) => golden(t, 'upsert-deletes.sql', sqlOf('upsert', stagingOf(ticks, true))));

t.test('an upsert of rows that lack fields leaves those columns as they are', (t) =>
  golden(
    t,
    'upsert-missing-fields.sql',
    sqlOf('upsert', stagingOf([symbol, staged(price.column, false, true), time], true)),
  ),
);

t.test('an upsert of rows that lack a column with a default has a MERGE for each set of columns', (t) =>
  golden(
    t,
    'upsert-defaults.sql',
    sqlOf(
      'upsert',
      stagingOf([symbol, price, staged(column('stored', 'datetime', { hasDefault: true }), false, true)]),
      {
        omitted: [new Set(), new Set([2])],
      },
    ),
  ),
);

t.test('an upsert of nothing but a key, in a column of a code page, by two columns', (t) =>
  golden(
    t,
    'upsert-keys-only.sql',
    sqlOf('upsert', stagingOf([staged(column('a', 'varchar(20)'), true), staged(column('b', 'decimal(9,0)'), true)])),
  ),
);

t.test('values for an identity', (t) =>
  golden(
    t,
    'upsert-identity.sql',
    sqlOf('upsert', stagingOf([staged(column('id', 'bigint', { identity: true }), true), price])),
  ),
);

t.test('an insert', (t) => golden(t, 'insert.sql', sqlOf('insert', stagingOf(ticks))));

t.test('an insert with deletes', (t) => golden(t, 'insert-deletes.sql', sqlOf('insert', stagingOf(ticks, true))));

t.test('an insert of rows that lack a column with a default', (t) =>
  golden(
    t,
    'insert-defaults.sql',
    sqlOf('insert', stagingOf([price, staged(column('n', 'int', { hasDefault: true }), false, true)]), {
      omitted: [new Set([1]), new Set()],
    }),
  ),
);

t.test('an update', (t) => golden(t, 'update.sql', sqlOf('update', stagingOf(ticks))));

t.test('an update with deletes', (t) => golden(t, 'update-deletes.sql', sqlOf('update', stagingOf(ticks, true))));

t.test('names that try to be SQL are names', (t) =>
  golden(
    t,
    'injection.sql',
    sqlOf(
      'upsert',
      stagingOf([
        staged(column("k]] ON 1=1; DROP TABLE [users]; --'", 'int'), true),
        staged(column('a] = 1, [b', 'int')),
      ]),
      {
        table: "[dbo].[t]]; DROP TABLE [users]]; --']",
      },
    ),
  ),
);

t.test('columns of every type', (t) =>
  golden(
    t,
    'types.sql',
    sqlOf(
      'insert',
      stagingOf(
        [
          'tinyint',
          'smallint',
          'int',
          'bigint',
          'bit',
          'float',
          'real',
          'decimal(38,10)',
          'numeric(5,0)',
          'money',
          'smallmoney',
          'date',
          'time(7)',
          'datetime2(3)',
          'datetime',
          'smalldatetime',
          'datetimeoffset(7)',
          'char(3)',
          'varchar(8000)',
          'varchar(max)',
          'text',
          'nchar(3)',
          'nvarchar(4000)',
          'nvarchar(max)',
          'ntext',
          'binary(4)',
          'varbinary(8000)',
          'varbinary(max)',
          'image',
          'uniqueidentifier',
          'xml',
          'sql_variant',
          'hierarchyid',
          'geography',
          'json',
        ].map((type, i) => staged(column(`c${i}_${type}`, type))),
      ),
    ),
  ),
);

t.test('the columns of a table', (t) => golden(t, 'columns.sql', `${columnsSql('')};\n\n${columnsSql('[other].')};`));

t.test('a table that was changed ends the batch', (t) =>
  golden(t, 'unchanged.sql', unchangedSql(tableOf("t'icks", []))),
);

t.test('tables and columns made for schemas', async (t) => {
  const config = configOf({ 'timestamp.fields.list': 'at_us' });
  const fields: readonly (readonly [string, Schema, boolean?])[] = [
    ['id', Schema.string(), true],
    ['bin', Schema.bytes(), true],
    ['i8', Schema.int8()],
    ['i16', Schema.int16({ optional: true })],
    ['i32', Schema.int32({ default: -5 })],
    ['i64', Schema.int64({ optional: true, default: 9007199254740993n })],
    ['f32', Schema.float32()],
    ['f64', Schema.float64({ default: 1e-7 })],
    ['flag', Schema.boolean({ default: true })],
    ['name', Schema.string({ default: "it's; DROP TABLE x" })],
    ['raw', Schema.bytes({ default: new Uint8Array([1, 255]) })],
    ['amount', Schema.decimal(4, { default: { unscaled: 12345n, scale: 4 } })],
    ['day', Schema.date({ default: new Date('2024-02-29T00:00:00Z') })],
    ['clock', Schema.time()],
    ['at', Schema.timestamp({ default: new Date('2024-02-29T01:02:03.004Z') })],
    ['at_us', Schema.int64()],
    ['tags', Schema.array(Schema.string())],
  ];
  const columns = fields.map(([name, schema, key = false]) => newColumn(name, schema, key, config, zonesOf()));
  const table = { database: null, schema: 'dbo', table: 'new]table' };
  await golden(t, 'create-table.sql', createTableSql(table, columns));
  await golden(t, 'add-columns.sql', addColumnsSql(table, columns.slice(3, 5)));
});

t.test('offsets beside the rows', (t) =>
  golden(
    t,
    'offsets.sql',
    ['[dbo].[o]']
      .map((table) => `${createOffsetsSql(table)};\n\n${claimSql(table)}\n\n${advanceSql(table, 0)}`)
      .join(''),
  ),
);
