import { sqlError } from './errors.ts';

/** How text is compared: SQL Server's default, the same with case, or by code units. */
export type Collation = 'CI' | 'CS' | 'BIN2';

export type TypeName =
  | 'bit'
  | 'tinyint'
  | 'smallint'
  | 'int'
  | 'bigint'
  | 'real'
  | 'float'
  | 'decimal'
  | 'numeric'
  | 'money'
  | 'smallmoney'
  | 'date'
  | 'time'
  | 'smalldatetime'
  | 'datetime'
  | 'datetime2'
  | 'datetimeoffset'
  | 'char'
  | 'varchar'
  | 'nchar'
  | 'nvarchar'
  | 'text'
  | 'ntext'
  | 'image'
  | 'binary'
  | 'varbinary'
  | 'uniqueidentifier'
  | 'xml';

/** The length of varchar(max), nvarchar(max) and varbinary(max). */
export const MAX = -1;

export interface SqlType {
  readonly name: TypeName;
  /** Characters or bytes; {@link MAX} for max; 0 where a type has none. */
  readonly length: number;
  readonly precision: number;
  readonly scale: number;
  /** Set for columns and expressions of text that have another than the default. */
  readonly collation?: Collation;
}

/** A point in time and the offset that it was written with. */
export interface OffsetTime {
  /** UTC, in units of 100 ns since 0001-01-01. */
  readonly ticks: bigint;
  /** Minutes. */
  readonly offset: number;
}

/**
 * A value as the engine holds it; what it means depends on its type:
 * - all integers and bit: bigint
 * - decimal, numeric, money: bigint, the digits without the point; the scale is the type's
 * - real, float: number
 * - date: number, days since 0001-01-01; time: number, units of 100 ns
 * - datetime, datetime2, smalldatetime: bigint, units of 100 ns since 0001-01-01
 * - uniqueidentifier: string in upper case
 */
export type SqlValue = null | bigint | number | string | Buffer | OffsetTime;

export type Family = 'exact' | 'approximate' | 'text' | 'binary' | 'date' | 'time' | 'datetime' | 'offset' | 'guid';

interface Traits {
  readonly family: Family;
  /** The lower, the more of the other types convert to it. */
  readonly rank: number;
  /** Bytes of an integer. */
  readonly bytes?: number;
  readonly unicode?: boolean;
  readonly fixed?: boolean;
  /** The longest length that can be given. */
  readonly longest?: number;
}

const TRAITS: Record<TypeName, Traits> = {
  xml: { family: 'text', rank: 3, unicode: true },
  datetimeoffset: { family: 'offset', rank: 4 },
  datetime2: { family: 'datetime', rank: 5 },
  datetime: { family: 'datetime', rank: 6 },
  smalldatetime: { family: 'datetime', rank: 7 },
  date: { family: 'date', rank: 8 },
  time: { family: 'time', rank: 9 },
  float: { family: 'approximate', rank: 10 },
  real: { family: 'approximate', rank: 11 },
  decimal: { family: 'exact', rank: 12 },
  numeric: { family: 'exact', rank: 12 },
  money: { family: 'exact', rank: 13 },
  smallmoney: { family: 'exact', rank: 14 },
  bigint: { family: 'exact', rank: 15, bytes: 8 },
  int: { family: 'exact', rank: 16, bytes: 4 },
  smallint: { family: 'exact', rank: 17, bytes: 2 },
  tinyint: { family: 'exact', rank: 18, bytes: 1 },
  bit: { family: 'exact', rank: 19 },
  ntext: { family: 'text', rank: 20, unicode: true },
  text: { family: 'text', rank: 21 },
  image: { family: 'binary', rank: 22 },
  uniqueidentifier: { family: 'guid', rank: 24 },
  nvarchar: { family: 'text', rank: 25, unicode: true, longest: 4000 },
  nchar: { family: 'text', rank: 26, unicode: true, fixed: true, longest: 4000 },
  varchar: { family: 'text', rank: 27, longest: 8000 },
  char: { family: 'text', rank: 28, fixed: true, longest: 8000 },
  varbinary: { family: 'binary', rank: 29, longest: 8000 },
  binary: { family: 'binary', rank: 30, fixed: true, longest: 8000 },
};

export const traits = (type: SqlType): Traits => TRAITS[type.name];
export const family = (type: SqlType): Family => TRAITS[type.name].family;
export const isText = (type: SqlType): boolean => family(type) === 'text';
export const isUnicode = (type: SqlType): boolean => TRAITS[type.name].unicode === true;
export const isInteger = (type: SqlType): boolean => TRAITS[type.name].bytes !== undefined;

/** Digits behind the point of an exact number's bigint. */
export const exactScale = (type: SqlType): number =>
  type.name === 'money' || type.name === 'smallmoney' ? 4 : type.scale;

/** The digits of an exact number, as the rules for the type of a result count them. */
export function exactPrecision(type: SqlType): number {
  switch (type.name) {
    case 'bit':
      return 1;
    case 'tinyint':
      return 3;
    case 'smallint':
      return 5;
    case 'int':
      return 10;
    case 'bigint':
      return 19;
    case 'money':
      return 19;
    case 'smallmoney':
      return 10;
    default:
      return type.precision;
  }
}

const plain = (name: TypeName): SqlType => ({ name, length: 0, precision: 0, scale: 0 });

export const INT = plain('int');
export const BIGINT = plain('bigint');
export const FLOAT = plain('float');
export const DATETIME = plain('datetime');
export const nvarchar = (length: number, collation?: Collation): SqlType => ({
  ...plain('nvarchar'),
  length,
  ...(collation === undefined ? {} : { collation }),
});
export const varchar = (length: number): SqlType => ({ ...plain('varchar'), length });
export const varbinary = (length: number): SqlType => ({ ...plain('varbinary'), length });
export const decimal = (precision: number, scale: number): SqlType => ({ ...plain('numeric'), precision, scale });

const SYNONYMS: Record<string, TypeName> = {
  integer: 'int',
  dec: 'decimal',
  'double precision': 'float',
  sysname: 'nvarchar',
};

export const isTypeName = (name: string): boolean => name.toLowerCase() in TRAITS || name.toLowerCase() in SYNONYMS;

/**
 * A type as it is declared.
 *
 * @param args what stands in the parentheses, 'max' included
 * @param unsized the length of a text or binary type that gives none: 1 in declarations, 30 in CAST
 * @throws SqlError 2715, 2717, 2750, 2751
 */
export function declaredType(written: string, args: readonly (number | 'max')[], unsized = 1): SqlType {
  const lower = written.toLowerCase();
  if (lower === 'sysname') return nvarchar(128);
  const name = SYNONYMS[lower] ?? (lower in TRAITS ? (lower as TypeName) : undefined);
  if (name === undefined) throw sqlError(2715, 1, written);
  const of = TRAITS[name];
  const [first, second] = args;
  if (of.longest !== undefined) {
    if (first === undefined) return { ...plain(name), length: unsized };
    if (first === 'max') {
      if (of.fixed) throw sqlError(102, 'max');
      return { ...plain(name), length: MAX };
    }
    if (first < 1) throw sqlError(1001, first);
    if (first > of.longest) throw sqlError(2717, first, name, of.longest);
    return { ...plain(name), length: first };
  }
  if (name === 'decimal' || name === 'numeric') {
    const precision = first === undefined ? 18 : Number(first);
    const scale = second === undefined ? 0 : Number(second);
    if (!(precision >= 1 && precision <= 38)) throw sqlError(2750, 1, precision);
    if (!(scale <= precision)) throw sqlError(2751, 1, scale, precision);
    return { ...plain(name), precision, scale };
  }
  if (name === 'time' || name === 'datetime2' || name === 'datetimeoffset') {
    const scale = first === undefined ? 7 : Number(first);
    if (!(scale <= 7)) throw sqlError(1002, 1, scale);
    return { ...plain(name), scale };
  }
  if (name === 'float') return plain(first !== undefined && Number(first) <= 24 ? 'real' : 'float');
  if (args.length > 0) throw sqlError(2716, 1, name);
  return plain(name);
}

/** The type as T-SQL writes it. */
export function typeText(type: SqlType): string {
  const of = traits(type);
  if (of.longest !== undefined) return `${type.name}(${type.length === MAX ? 'max' : type.length})`;
  if (type.name === 'decimal' || type.name === 'numeric') return `${type.name}(${type.precision},${type.scale})`;
  if (type.name === 'time' || type.name === 'datetime2' || type.name === 'datetimeoffset') {
    return `${type.name}(${type.scale})`;
  }
  return type.name;
}
