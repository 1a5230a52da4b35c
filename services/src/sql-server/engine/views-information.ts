import { byteLength } from './byte-length.ts';
import type { Table } from './table.ts';
import { collationName } from './type-rules.ts';
import { exactPrecision, exactScale, family, isText, isUnicode, type SqlValue } from './types.ts';
import { big, eachColumn, eachKey, int, text, type View } from './view-parts.ts';

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

const CONSTRAINT_COLUMNS = [
  text('CONSTRAINT_CATALOG'),
  text('CONSTRAINT_SCHEMA'),
  text('CONSTRAINT_NAME'),
  text('TABLE_CATALOG'),
  text('TABLE_SCHEMA'),
  text('TABLE_NAME'),
];

/** @param rows is told the values of the columns that all views of constraints begin with */
const eachConstraint = (
  { database: { name }, tables }: Parameters<View['rows']>[0],
  rows: (table: Table, key: Table['keys'][number], names: readonly SqlValue[]) => SqlValue[][],
): SqlValue[][] =>
  eachKey(tables, (table, key) =>
    key.kind === 'index' ? [] : rows(table, key, [name, table.schema, key.name, name, table.schema, table.name]),
  );

/** INFORMATION_SCHEMA */
export const INFORMATION_VIEWS: Record<string, View> = {
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
    columns: [...CONSTRAINT_COLUMNS, text('CONSTRAINT_TYPE', 11)],
    rows: (catalog) =>
      eachConstraint(catalog, (_table, key, names) => [[...names, key.kind === 'primary' ? 'PRIMARY KEY' : 'UNIQUE']]),
  },
  'information_schema.key_column_usage': {
    columns: [...CONSTRAINT_COLUMNS, text('COLUMN_NAME'), int('ORDINAL_POSITION')],
    rows: (catalog) =>
      eachConstraint(catalog, (table, key, names) =>
        key.columns.map((at, position) => [...names, table.columns[at]!.name, big(position + 1)]),
      ),
  },
};
