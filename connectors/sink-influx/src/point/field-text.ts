import {
  DataError,
  type DateType,
  dateToInteger,
  dateTypeOf,
  describeValue,
  formatDecimal,
  isDecimal,
  type Schema,
} from '@tributary/api';
import { base64 } from '@tributary/sink-kit';
import { arrayText } from '../line/array-text.ts';
import { quoteString } from '../line/escape.ts';
import type { MisfitPolicy } from '../line/misfit.ts';
import {
  type DecimalFormat,
  floatOfBigint,
  floatOfDecimal,
  floatText,
  integerOfDecimal,
  integerText,
  unsignedText,
} from '../line/numbers.ts';

/** A type that a field is told to have, whatever its schema. */
export type ToldType = 'float' | 'integer' | 'unsigned' | 'string';

/** The types that fields were told to have. */
export interface ToldTypes {
  readonly named: ReadonlyMap<string, ToldType>;
  /** For numbers of all other fields, whatever their schema. */
  readonly numbers: ToldType | null;
}

export interface ValueOptions {
  readonly misfits: MisfitPolicy;
  readonly decimals: DecimalFormat;
  readonly bytes: 'base64' | 'refuse';
  readonly arrays: 'json' | 'refuse';
}

/** What values of a field become. */
export interface FieldColumn {
  readonly name: string;
  /** Null: none was told. */
  readonly told: ToldType | null;
  /** What numbers become. */
  readonly numbers: ToldType;
  /** What Dates are counted in. */
  readonly dates: DateType;
}

const INTEGERS: ReadonlySet<string> = new Set(['int8', 'int16', 'int32', 'int64']);

/** What values of a field are written as. Without a schema numbers are floats, so that 100 and 100.5 do not clash. */
export function typesOf(schema: Schema | null, name: string, types: ToldTypes): Omit<FieldColumn, 'name'> {
  const told = types.named.get(name) ?? null;
  return {
    told,
    numbers: told ?? types.numbers ?? (schema !== null && INTEGERS.has(schema.type) ? 'integer' : 'float'),
    dates: (schema && dateTypeOf(schema)) ?? 'Timestamp',
  };
}

/**
 * The text of a value that is not null and no map or struct.
 * @throws DataError for what cannot be stored as told
 */
export function fieldText(column: FieldColumn, value: unknown, options: ValueOptions): string {
  switch (typeof value) {
    case 'number':
      return numberText(column, value, column.numbers);
    case 'string':
      if (column.told !== null && column.told !== 'string') throw notTold(column, value);
      return quoteString(value, options.misfits, column.name);
    case 'boolean':
      if (column.told === null) return value ? 'true' : 'false';
      if (column.told === 'string') return value ? '"true"' : '"false"';
      throw notTold(column, value);
    case 'bigint':
      return column.numbers === 'float' ? floatOfBigint(value, column.name) : numberText(column, value, column.numbers);
  }
  if (value instanceof Date) return dateText(column, value);
  if (isDecimal(value)) {
    if (column.told === null && options.decimals === 'string') return `"${formatDecimal(value)}"`;
    if (column.told === 'string') return `"${formatDecimal(value)}"`;
    if (column.told === 'integer' || column.told === 'unsigned')
      return numberText(column, integerOfDecimal(value, column.name), column.told);
    return floatOfDecimal(
      value,
      column.told === 'float' || options.decimals === 'string' ? 'rounded' : options.decimals,
      column.name,
    );
  }
  if (column.told !== null && column.told !== 'string') throw notTold(column, value);
  if (value instanceof Uint8Array) {
    if (options.bytes === 'base64') return `"${base64(value)}"`;
    throw new DataError(`The field '${column.name}' holds bytes, which bytes.format=refuse keeps out`);
  }
  if (Array.isArray(value)) {
    if (options.arrays === 'json') return quoteString(arrayText(value, column.name), options.misfits, column.name);
    throw new DataError(`The field '${column.name}' holds an array, which array.format=refuse keeps out`);
  }
  throw new DataError(`The field '${column.name}' holds ${describeValue(value)}, for which InfluxDB has no type`);
}

function numberText(column: FieldColumn, value: number | bigint, type: ToldType): string {
  switch (type) {
    case 'float':
      return floatText(Number(value), column.name);
    case 'integer':
      return integerText(value, column.name);
    case 'unsigned':
      return unsignedText(value, column.name);
    case 'string':
      return `"${value}"`;
  }
}

function dateText(column: FieldColumn, value: Date): string {
  if (Number.isNaN(value.getTime())) throw new DataError(`The field '${column.name}' holds an invalid date`);
  return numberText(column, dateToInteger(column.dates, value), column.told ?? 'integer');
}

const notTold = (column: FieldColumn, value: unknown): DataError =>
  new DataError(`The field '${column.name}' is ${describeValue(value)} and is named in fields.${column.told}`);
