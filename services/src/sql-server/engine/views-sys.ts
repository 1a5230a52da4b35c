import { byteLength } from './byte-length.ts';
import type { Database } from './database.ts';
import type { Table } from './table.ts';
import * as time from './time.ts';
import { collationName } from './type-rules.ts';
import { DATETIME, exactPrecision, exactScale, family, isText, type SqlValue } from './types.ts';
import { big, bit, eachColumn, eachKey, int, text, type View } from './view-parts.ts';

/** SQL Server's numbers of its types, and how sys.types calls them. */
const TYPE_IDS: Record<string, number> = {
  image: 34,
  text: 35,
  uniqueidentifier: 36,
  date: 40,
  time: 41,
  datetime2: 42,
  datetimeoffset: 43,
  tinyint: 48,
  smallint: 52,
  int: 56,
  smalldatetime: 58,
  real: 59,
  money: 60,
  datetime: 61,
  float: 62,
  ntext: 99,
  bit: 104,
  decimal: 106,
  numeric: 108,
  smallmoney: 122,
  bigint: 127,
  varbinary: 165,
  varchar: 167,
  binary: 173,
  char: 175,
  nvarchar: 231,
  nchar: 239,
  xml: 241,
};

const schemaId = (database: Database, table: Table): bigint => big([...database.schemas].indexOf(table.schema) + 1);

/** The catalog views of the schema sys. */
export const SYS_VIEWS: Record<string, View> = {
  'sys.databases': {
    columns: [text('name'), int('database_id'), text('collation_name')],
    rows: ({ databases }) => databases.map((name, at): SqlValue[] => [name, big(at + 1), collationName(undefined)]),
  },
  'sys.schemas': {
    columns: [text('name'), int('schema_id')],
    rows: ({ database }) => [...database.schemas].map((name, at): SqlValue[] => [name, big(at + 1)]),
  },
  'sys.tables': {
    columns: [
      text('name'),
      int('object_id'),
      int('schema_id'),
      text('type', 2),
      { name: 'create_date', type: DATETIME, nullable: false },
    ],
    rows: ({ database, tables }) =>
      tables.map((table): SqlValue[] => [
        table.name,
        big(table.id),
        schemaId(database, table),
        'U',
        time.ticksOfMs(table.created.getTime()),
      ]),
  },
  'sys.objects': {
    columns: [
      text('name'),
      int('object_id'),
      int('schema_id'),
      text('type', 2),
      text('type_desc'),
      { name: 'modify_date', type: DATETIME, nullable: false },
    ],
    rows: ({ database, tables }) =>
      tables.map((table): SqlValue[] => [
        table.name,
        big(table.id),
        schemaId(database, table),
        'U',
        'USER_TABLE',
        time.ticksOfMs(table.modified.getTime()),
      ]),
  },
  'sys.columns': {
    columns: [
      int('object_id'),
      text('name'),
      int('column_id'),
      int('system_type_id'),
      int('user_type_id'),
      int('max_length'),
      int('precision'),
      int('scale'),
      text('collation_name'),
      bit('is_nullable'),
      bit('is_identity'),
      bit('is_computed'),
      int('default_object_id'),
    ],
    rows: ({ tables }) =>
      eachColumn(tables, (table, at): SqlValue[] => {
        const { name, type, nullable, identity, default: initial } = table.columns[at]!;
        const id = big(TYPE_IDS[type.name]!);
        const exact = family(type) === 'exact';
        const precision = exact ? exactPrecision(type) : type.name === 'float' ? 53 : type.name === 'real' ? 24 : 0;
        const scale = exact ? exactScale(type) : type.name === 'datetime' ? 3 : type.scale;
        return [
          big(table.id),
          name,
          big(at + 1),
          id,
          id,
          big(byteLength(type)),
          big(precision),
          big(scale),
          isText(type) ? collationName(type.collation) : null,
          big(nullable),
          big(identity !== undefined),
          0n,
          big(initial ? 1 : 0),
        ];
      }),
  },
  'sys.types': {
    columns: [text('name'), int('system_type_id'), int('user_type_id'), int('schema_id')],
    rows: () => Object.entries(TYPE_IDS).map(([name, id]): SqlValue[] => [name, big(id), big(id), 4n]),
  },
  'sys.indexes': {
    columns: [
      int('object_id'),
      text('name'),
      int('index_id'),
      int('type'),
      text('type_desc'),
      bit('is_unique'),
      bit('is_primary_key'),
      bit('is_unique_constraint'),
    ],
    rows: ({ tables }) =>
      eachKey(tables, (table, key, at) => [
        [
          big(table.id),
          key.name,
          big(at + 1),
          key.clustered ? 1n : 2n,
          key.clustered ? 'CLUSTERED' : 'NONCLUSTERED',
          1n,
          big(key.kind === 'primary'),
          big(key.kind === 'unique'),
        ],
      ]),
  },
  'sys.index_columns': {
    columns: [
      int('object_id'),
      int('index_id'),
      int('index_column_id'),
      int('column_id'),
      int('key_ordinal'),
      bit('is_included_column'),
    ],
    rows: ({ tables }) =>
      eachKey(tables, (table, key, at) =>
        key.columns.map((column, position): SqlValue[] => [
          big(table.id),
          big(at + 1),
          big(position + 1),
          big(column + 1),
          big(position + 1),
          0n,
        ]),
      ),
  },
  'sys.key_constraints': {
    columns: [text('name'), int('object_id'), int('parent_object_id'), text('type', 2), int('unique_index_id')],
    rows: ({ tables }) =>
      eachKey(tables, (table, key, at) =>
        key.kind === 'index'
          ? []
          : [[key.name, big(table.id * 100 + at), big(table.id), key.kind === 'primary' ? 'PK' : 'UQ', big(at + 1)]],
      ),
  },
};
