import { decimal, isText, MAX, nvarchar, type SqlType, type TypeName, varbinary, varchar } from '../engine/types.ts';
import type { Reader, Writer } from './bytes.ts';

/** How a type goes over the wire. */
export interface WireType {
  readonly type: SqlType;
  /** How the value says how long it is. */
  readonly form: 'fixed' | 'byte' | 'short' | 'chunks' | 'pointer' | 'none';
  /** Bytes of a value of form `fixed`. */
  readonly size: number;
}

const plain = (name: TypeName, scale = 0): SqlType => ({ name, length: 0, precision: 0, scale });

/** SQL_Latin1_General_CP1_CI_AS, whose code page is 1252. */
export const COLLATION = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);

const FIXED: Record<number, readonly [TypeName, number]> = {
  48: ['tinyint', 1],
  50: ['bit', 1],
  52: ['smallint', 2],
  56: ['int', 4],
  58: ['smalldatetime', 4],
  59: ['real', 4],
  60: ['money', 8],
  61: ['datetime', 8],
  62: ['float', 8],
  122: ['smallmoney', 4],
  127: ['bigint', 8],
};

/** Nullable types, by the bytes of their values. */
const SIZED: Record<number, Record<number, TypeName>> = {
  38: { 1: 'tinyint', 2: 'smallint', 4: 'int', 8: 'bigint' },
  104: { 1: 'bit' },
  109: { 4: 'real', 8: 'float' },
  110: { 4: 'smallmoney', 8: 'money' },
  111: { 4: 'smalldatetime', 8: 'datetime' },
  36: { 16: 'uniqueidentifier' },
};

/**
 * Reads a TYPE_INFO.
 *
 * @throws Error if this server does not know the type
 */
export function readTypeInfo(from: Reader): WireType {
  const id = from.u8();
  const fixed = FIXED[id];
  if (fixed) return { type: plain(fixed[0]), form: 'fixed', size: fixed[1] };
  const sized = SIZED[id];
  if (sized) {
    const size = from.u8();
    return { type: plain(sized[size] ?? Object.values(sized)[0]!), form: 'byte', size };
  }
  switch (id) {
    case 0x1f:
      return { type: plain('int'), form: 'none', size: 0 };
    case 0x28:
      return { type: plain('date'), form: 'byte', size: 0 };
    case 0x29:
      return { type: plain('time', from.u8()), form: 'byte', size: 0 };
    case 0x2a:
      return { type: plain('datetime2', from.u8()), form: 'byte', size: 0 };
    case 0x2b:
      return { type: plain('datetimeoffset', from.u8()), form: 'byte', size: 0 };
    case 0x37:
    case 0x3f:
    case 0x6a:
    case 0x6c: {
      from.u8();
      const precision = from.u8();
      return { type: decimal(precision, from.u8()), form: 'byte', size: 0 };
    }
    case 0xa5:
    case 0xad:
      return sizedType(id === 0xad ? 'binary' : 'varbinary', from, 1, false);
    case 0xa7:
    case 0xaf:
      return sizedType(id === 0xaf ? 'char' : 'varchar', from, 1, true);
    case 0xe7:
    case 0xef:
      return sizedType(id === 0xef ? 'nchar' : 'nvarchar', from, 2, true);
    case 0x22:
      from.u32();
      return { type: varbinary(MAX), form: 'pointer', size: 0 };
    case 0x23:
    case 0x63:
      from.u32();
      from.bytes(5);
      return { type: id === 0x63 ? nvarchar(MAX) : varchar(MAX), form: 'pointer', size: 0 };
    case 0xf1:
      if (from.u8() !== 0) throw new Error('XML with a schema collection is not known here.');
      return { type: plain('xml'), form: 'chunks', size: 0 };
    default:
      throw new Error(`The data type 0x${id.toString(16)} is not known here.`);
  }
}

function sizedType(name: TypeName, from: Reader, width: number, text: boolean): WireType {
  const bytes = from.u16();
  if (text) from.bytes(5);
  const max = bytes === 0xffff;
  return { type: { ...plain(name), length: max ? MAX : bytes / width }, form: max ? 'chunks' : 'short', size: 0 };
}

/** Bytes that a decimal of that precision takes, with its sign. */
export const decimalBytes = (precision: number): number =>
  precision <= 9 ? 5 : precision <= 19 ? 9 : precision <= 28 ? 13 : 17;
export const timeBytes = (scale: number): number => (scale <= 2 ? 3 : scale <= 4 ? 4 : 5);

const NULLABLE: Partial<Record<TypeName, readonly [id: number, size: number]>> = {
  bit: [0x68, 1],
  tinyint: [0x26, 1],
  smallint: [0x26, 2],
  int: [0x26, 4],
  bigint: [0x26, 8],
  real: [0x6d, 4],
  float: [0x6d, 8],
  smallmoney: [0x6e, 4],
  money: [0x6e, 8],
  smalldatetime: [0x6f, 4],
  datetime: [0x6f, 8],
  uniqueidentifier: [0x24, 16],
};

const TEXTS: Partial<Record<TypeName, readonly [id: number, width: number]>> = {
  char: [0xaf, 1],
  varchar: [0xa7, 1],
  text: [0xa7, 1],
  nchar: [0xef, 2],
  nvarchar: [0xe7, 2],
  ntext: [0xe7, 2],
  xml: [0xe7, 2],
  binary: [0xad, 1],
  varbinary: [0xa5, 1],
  image: [0xa5, 1],
};

/** Whether values of the type are sent in chunks. */
export const inChunks = (type: SqlType): boolean =>
  type.length === MAX || ['xml', 'text', 'ntext', 'image'].includes(type.name);

/** Writes the TYPE_INFO of a column or return value; of two forms the nullable one. */
export function writeTypeInfo(to: Writer, type: SqlType): void {
  const nullable = NULLABLE[type.name];
  if (nullable) {
    to.u8(nullable[0]).u8(nullable[1]);
    return;
  }
  const text = TEXTS[type.name];
  if (text) {
    to.u8(text[0]).u16(inChunks(type) ? 0xffff : type.length * text[1]);
    if (isText(type)) to.bytes(COLLATION);
    return;
  }
  switch (type.name) {
    case 'date':
      to.u8(0x28);
      return;
    case 'time':
      to.u8(0x29).u8(type.scale);
      return;
    case 'datetime2':
      to.u8(0x2a).u8(type.scale);
      return;
    case 'datetimeoffset':
      to.u8(0x2b).u8(type.scale);
      return;
    default:
      to.u8(type.name === 'decimal' ? 0x6a : 0x6c)
        .u8(decimalBytes(type.precision))
        .u8(type.precision)
        .u8(type.scale);
  }
}
