import { isUnicode, MAX, type SqlType, traits } from './types.ts';

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
