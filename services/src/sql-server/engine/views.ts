import type { OutputColumn, VirtualTable } from './bound.ts';
import type { Database } from './database.ts';
import type { Table } from './table.ts';
import { collationName } from './type-rules.ts';
import {
  DATETIME,
  exactPrecision,
  exactScale,
  family,
  INT,
  isText,
  isUnicode,
  MAX,
  nvarchar,
  type SqlType,
  type SqlValue,
  traits,
  varchar,
} from './types.ts';

const NAME = nvarchar(128);
const text = (name: string, length = 128): OutputColumn => ({
  name,
  type: length === 128 ? NAME : varchar(length),
  nullable: true,
});
const int = (name: string): OutputColumn => ({ name, type: INT, nullable: true });
const bit = (name: string): OutputColumn => ({ name, type: { ...INT, name: 'bit' }, nullable: true });
const big = (value: number | boolean): bigint => BigInt(value);

interface View {
  readonly columns: readonly OutputColumn[];
  readonly rows: (of: Catalog) => SqlValue[][];
}

/** What the views show. */
export interface Catalog {
  readonly database: Database;
  readonly tables: readonly Table[];
  readonly databases: readonly string[];
}

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

/** Bytes that a value takes; -1 for max. */
export function byteLength(type: SqlType): number {
  const { bytes } = traits(type);
  if (bytes !== undefined) return bytes;
  if (type.name === 'xml' || type.length === MAX) return -1;
  if (type.length > 0) return type.length * (isUnicode(type) ? 2 : 1);
  switch (type.name) {
    case 'bit':
      return 1;
    case 'real':
    case 'smallmoney':
    case 'smalldatetime':
      return 4;
    case 'date':
      return 3;
    case 'decimal':
    case 'numeric':
      return type.precision <= 9 ? 5 : type.precision <= 19 ? 9 : type.precision <= 28 ? 13 : 17;
    case 'time':
      return timeBytes(type.scale);
    case 'datetime2':
      return timeBytes(type.scale) + 3;
    case 'datetimeoffset':
      return timeBytes(type.scale) + 5;
    case 'uniqueidentifier':
    case 'text':
    case 'ntext':
    case 'image':
      return 16;
    default:
      return 8;
  }
}

const timeBytes = (scale: number): number => (scale <= 2 ? 3 : scale <= 4 ? 4 : 5);

const eachColumn = <T>(tables: readonly Table[], of: (table: Table, at: number) => T): T[] =>
  tables.flatMap((table) => table.columns.map((_, at) => of(table, at)));
const eachKey = <T>(tables: readonly Table[], of: (table: Table, key: Table['keys'][number], at: number) => T[]): T[] =>
  tables.flatMap((table) => table.keys.flatMap((key, at) => of(table, key, at)));

function informationColumn(database: string, table: Table, at: number): SqlValue[] {
  const { name, type, nullable, default: initial } = table.columns[at]!;
  const kind = family(type);
  const characters = isText(type) || kind === 'binary' ? big(type.length) : null;
  const octets = characters === null ? null : big(byteLength(type));
  const exact = kind === 'exact' && type.name !== 'bit';
  const timed = kind === 'datetime' || kind === 'time' || kind === 'offset' || kind === 'date';
  return [
    database,
    table.schema,
    table.name,
    name,
    big(at + 1),
    initial ? '(default)' : null,
    nullable ? 'YES' : 'NO',
    type.name,
    characters,
    octets,
    exact ? big(exactPrecision(type)) : kind === 'approximate' ? (type.name === 'real' ? 24n : 53n) : null,
    exact ? 10n : kind === 'approximate' ? 2n : null,
    exact ? big(exactScale(type)) : null,
    timed ? big(type.name === 'datetime' ? 3 : type.scale) : null,
    isText(type) ? (isUnicode(type) ? 'UNICODE' : 'iso_1') : null,
    isText(type) ? collationName(type.collation) : null,
  ];
}

const VIEWS: Record<string, View> = {
  'information_schema.tables': {
    columns: [text('TABLE_CATALOG'), text('TABLE_SCHEMA'), text('TABLE_NAME'), text('TABLE_TYPE', 10)],
    rows: ({ database, tables }) => tables.map((table) => [database.name, table.schema, table.name, 'BASE TABLE']),
  },
  'information_schema.columns': {
    columns: [
      text('TABLE_CATALOG'),
      text('TABLE_SCHEMA'),
      text('TABLE_NAME'),
      text('COLUMN_NAME'),
      int('ORDINAL_POSITION'),
      text('COLUMN_DEFAULT'),
      text('IS_NULLABLE', 3),
      text('DATA_TYPE'),
      int('CHARACTER_MAXIMUM_LENGTH'),
      int('CHARACTER_OCTET_LENGTH'),
      int('NUMERIC_PRECISION'),
      int('NUMERIC_PRECISION_RADIX'),
      int('NUMERIC_SCALE'),
      int('DATETIME_PRECISION'),
      text('CHARACTER_SET_NAME'),
      text('COLLATION_NAME'),
    ],
    rows: ({ database, tables }) => eachColumn(tables, (table, at) => informationColumn(database.name, table, at)),
  },
  'information_schema.table_constraints': {
    columns: [
      text('CONSTRAINT_CATALOG'),
      text('CONSTRAINT_SCHEMA'),
      text('CONSTRAINT_NAME'),
      text('TABLE_CATALOG'),
      text('TABLE_SCHEMA'),
      text('TABLE_NAME'),
      text('CONSTRAINT_TYPE', 11),
    ],
    rows: ({ database: { name }, tables }) =>
      eachKey(tables, (table, key) =>
        key.kind === 'index'
          ? []
          : [
              [
                name,
                table.schema,
                key.name,
                name,
                table.schema,
                table.name,
                key.kind === 'primary' ? 'PRIMARY KEY' : 'UNIQUE',
              ],
            ],
      ),
  },
  'information_schema.key_column_usage': {
    columns: [
      text('CONSTRAINT_CATALOG'),
      text('CONSTRAINT_SCHEMA'),
      text('CONSTRAINT_NAME'),
      text('TABLE_CATALOG'),
      text('TABLE_SCHEMA'),
      text('TABLE_NAME'),
      text('COLUMN_NAME'),
      int('ORDINAL_POSITION'),
    ],
    rows: ({ database: { name }, tables }) =>
      eachKey(tables, (table, key) =>
        key.kind === 'index'
          ? []
          : key.columns.map((at, position): SqlValue[] => [
              name,
              table.schema,
              key.name,
              name,
              table.schema,
              table.name,
              table.columns[at]!.name,
              big(position + 1),
            ]),
      ),
  },
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
      tables.map((table): SqlValue[] => [table.name, big(table.id), schemaId(database, table), 'U', 0n]),
  },
  'sys.objects': {
    columns: [text('name'), int('object_id'), int('schema_id'), text('type', 2), text('type_desc')],
    rows: ({ database, tables }) =>
      tables.map((table): SqlValue[] => [table.name, big(table.id), schemaId(database, table), 'U', 'USER_TABLE']),
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

const schemaId = (database: Database, table: Table): bigint => big([...database.schemas].indexOf(table.schema) + 1);

/** The view of that name; undefined if it is none. */
export function viewOf(schema: string, name: string, catalog: Catalog): VirtualTable | undefined {
  const view = VIEWS[`${schema}.${name}`.toLowerCase()];
  return view && { virtual: true, columns: view.columns, rows: () => view.rows(catalog) };
}
