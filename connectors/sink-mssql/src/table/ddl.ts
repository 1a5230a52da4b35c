import { DataError, type Decimal, decimalScale, isDecimal, isInt64, LogicalName, Schema } from '@tributary/api';
import type { SinkConfig } from '../config.ts';
import { columnWriter } from '../convert/column.ts';
import type { Zones } from '../convert/times.ts';
import type { Column } from './info.ts';
import { literal, quote, quoteTable, type TableName } from './name.ts';

/** A column that is to be made. */
export interface NewColumn {
  readonly name: string;
  readonly type: string;
  readonly key: boolean;
  readonly nullable: boolean;
  /** As SQL; null: none. */
  readonly default: string | null;
}

/** The largest number of digits of a decimal. */
const DIGITS = 38;

/** The type of a column for a schema. @throws DataError for a decimal that SQL Server has no type for */
export function sqlType(name: string, schema: Schema, key: boolean, config: SinkConfig): string {
  switch (schema.name) {
    case LogicalName.decimal:
      return decimalType(name, decimalScale(schema));
    case LogicalName.date:
      return 'date';
    case LogicalName.time:
      return 'time(7)';
    case LogicalName.timestamp:
      return 'datetime2(7)';
  }
  const isTime = !key && config['timestamp.fields.list'].includes(name);
  switch (schema.type) {
    // tinyint, which the JDBC sink takes, has no negative numbers.
    case 'int8':
    case 'int16':
      return 'smallint';
    case 'int32':
      return 'int';
    case 'int64':
      return isTime ? 'datetime2(7)' : 'bigint';
    case 'float32':
      return 'real';
    case 'float64':
      return 'float';
    case 'boolean':
      return 'bit';
    case 'bytes':
      // The longest that an index can have.
      return key ? 'varbinary(900)' : 'varbinary(max)';
    case 'string':
      if (isTime) return 'datetime2(7)';
      return key ? 'nvarchar(450)' : 'nvarchar(max)';
    default:
      // JSON
      return 'nvarchar(max)';
  }
}

function decimalType(name: string, scale: number): string {
  if (scale > DIGITS)
    throw new DataError(
      `Field ${name} is a decimal with ${scale} digits behind the point, SQL Server has ${DIGITS} at most: create the table with another type for it, such as nvarchar`,
    );
  return `decimal(${DIGITS},${Math.max(0, scale)})`;
}

/** What kinds of values are told apart where no schema does so. */
type Kind = 'boolean' | 'number' | 'time' | 'bytes' | 'decimal' | 'text';

function kindOf(value: unknown): Kind {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number' || typeof value === 'bigint') return 'number';
  if (value instanceof Date) return 'time';
  if (value instanceof Uint8Array) return 'bytes';
  return isDecimal(value) ? 'decimal' : 'text';
}

/**
 * The schema that most of the values without one look like, so that one odd record does not decide; null if they are all null.
 * Numbers are doubles, since 100 and 100.5 come in the same field; in a primary key they are integers, as are those beyond 2^53.
 */
export function inferSchema(values: readonly unknown[], key: boolean): Schema | null {
  const given = values.filter((value) => value !== null && value !== undefined);
  if (given.length === 0) return null;
  const byKind = [...Map.groupBy(given, kindOf)].sort(([, a], [, b]) => b.length - a.length);
  const [kind, usual] = byKind[0]!;
  const options = { optional: !key };
  switch (kind) {
    case 'boolean':
      return Schema.boolean(options);
    case 'number':
      return numberSchema(usual, key);
    case 'time':
      return Schema.timestamp(options);
    case 'bytes':
      return Schema.bytes(options);
    case 'decimal':
      return Schema.decimal(Math.max(...(usual as Decimal[]).map(({ scale }) => scale)), options);
    case 'text':
      return Schema.string(options);
  }
}

function numberSchema(values: readonly unknown[], key: boolean): Schema {
  const options = { optional: !key };
  const large = values.some((value) => typeof value === 'bigint');
  if (!large && !(key && values.every(Number.isInteger))) return Schema.float64(options);
  return values.every(isInt64) ? Schema.int64(options) : Schema.decimal(0, options);
}

/** @throws DataError for a type or a default that SQL Server has no form for */
export function newColumn(name: string, schema: Schema, key: boolean, config: SinkConfig, zones: Zones): NewColumn {
  const type = sqlType(name, schema, key, config);
  const fallback = key || schema.default === undefined || schema.default === null ? null : schema.default;
  return {
    name,
    type,
    key,
    nullable: !key && (schema.optional || fallback !== null),
    default: fallback === null ? null : defaultSql(name, type, fallback, schema, zones),
  };
}

function defaultSql(name: string, type: string, value: unknown, schema: Schema, zones: Zones): string {
  const column = columnOf(name, type);
  const staged = columnWriter(column, zones).convert(value, schema);
  if (Buffer.isBuffer(staged)) return `0x${staged.toString('hex')}`;
  if (typeof staged === 'boolean') return staged ? '1' : '0';
  if (typeof staged === 'string') return literal(staged);
  return typeof staged === 'number' && !Number.isInteger(staged) ? staged.toExponential() : String(staged);
}

/** The description of a column of one of the types above. */
function columnOf(name: string, declared: string): Column {
  const [, type = declared, first, second] = /^(\w+)(?:\((\w+)(?:,(\d+))?\))?$/.exec(declared) ?? [];
  const size = Number(first);
  const wide = type === 'nvarchar' ? 2 : 1;
  return {
    name,
    type,
    maxLength: first === undefined || first === 'max' ? -1 : size * wide,
    precision: size || 0,
    scale: second === undefined ? size || 0 : Number(second),
    collation: null,
    codePage: null,
    nullable: true,
    identity: false,
    generated: false,
    hasDefault: true,
  };
}

/** One column of CREATE TABLE or of ALTER TABLE ... ADD. The default is last: WITH VALUES is a part of it. */
function columnSql({ name, type, nullable, default: fallback }: NewColumn): string {
  return `${quote(name)} ${type} ${nullable ? 'NULL' : 'NOT NULL'}${fallback === null ? '' : ` DEFAULT ${fallback}`}`;
}

export function createTableSql(table: TableName, columns: readonly NewColumn[]): string {
  const keys = columns.filter(({ key }) => key).map(({ name }) => quote(name));
  const lines = [...columns.map(columnSql), ...(keys.length > 0 ? [`PRIMARY KEY (${keys.join(', ')})`] : [])];
  return `CREATE TABLE ${quoteTable(table)} (\n  ${lines.join(',\n  ')}\n)`;
}

/** Rows that are there get the default, too. */
export function addColumnsSql(table: TableName, columns: readonly NewColumn[]): string {
  const lines = columns.map((column) => `${columnSql(column)}${column.default === null ? '' : ' WITH VALUES'}`);
  return `ALTER TABLE ${quoteTable(table)} ADD\n  ${lines.join(',\n  ')}`;
}
