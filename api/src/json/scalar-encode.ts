import { decimalToBytes, decimalToString, isDecimal } from '../decimal.ts';
import { describeValue } from '../describe.ts';
import { DataError } from '../errors.ts';
import { isInt64 } from '../int64.ts';
import { type DateType, dateToInteger, dateTypeOf } from '../logical.ts';
import { decimalScale, LogicalName, type Schema } from '../schema.ts';
import { float32ToString, float64ToString } from '../text/numbers.ts';
import { at } from './path.ts';
import { quote } from './quote.ts';

export type DecimalFormat = 'BASE64' | 'NUMERIC';

/** Gives a value's JSON text. @throws DataError that names the place of what does not fit */
export type Encode = (value: unknown) => string;

/** Makes the error for a value that does not fit its type. */
export type EncodeMisfit = (value: unknown) => DataError;

/** The errors of a schema's encoder, at its place in the value. */
export function encodeMisfit(schema: Schema, path: string): EncodeMisfit {
  return (value) =>
    new DataError(`Invalid type for ${schema.name ?? schema.type.toUpperCase()}: ${describeValue(value)}${at(path)}`);
}

/** Makes the writer of what is no array, map or struct, for values that are not null; undefined for those three. */
export function compileScalarEncoder(schema: Schema, decimalFormat: DecimalFormat, path: string): Encode | undefined {
  const misfit = encodeMisfit(schema, path);
  if (schema.name === LogicalName.decimal) return decimalEncoder(schema, decimalFormat, path, misfit);
  const dateType = dateTypeOf(schema);
  if (dateType) return dateEncoder(dateType, misfit);
  switch (schema.type) {
    case 'int8':
      return integerEncoder(2 ** 7, misfit);
    case 'int16':
      return integerEncoder(2 ** 15, misfit);
    case 'int32':
      return integerEncoder(2 ** 31, misfit);
    case 'int64':
      return (value) => {
        if (!isInt64(value)) throw misfit(value);
        return String(value);
      };
    case 'float32':
      return floatEncoder(float32ToString, misfit);
    case 'float64':
      return floatEncoder(float64ToString, misfit);
    case 'boolean':
      return (value) => {
        if (typeof value !== 'boolean') throw misfit(value);
        return value ? 'true' : 'false';
      };
    case 'string':
      return (value) => {
        if (typeof value !== 'string') throw misfit(value);
        return quote(value);
      };
    case 'bytes':
      return (value) => {
        if (!(value instanceof Uint8Array)) throw misfit(value);
        return base64(value);
      };
    default:
      return undefined;
  }
}

/** Bytes as a JSON string. */
export function base64(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}"`;
}

function integerEncoder(limit: number, misfit: EncodeMisfit): Encode {
  return (value) => {
    if (!Number.isInteger(value) || (value as number) < -limit || (value as number) >= limit) throw misfit(value);
    return String(value);
  };
}

function floatEncoder(toText: (value: number) => string, misfit: EncodeMisfit): Encode {
  return (value) => {
    if (typeof value !== 'number') throw misfit(value);
    const text = toText(value);
    return Number.isFinite(value) ? text : `"${text}"`;
  };
}

function decimalEncoder(schema: Schema, format: DecimalFormat, path: string, misfit: EncodeMisfit): Encode {
  const scale = decimalScale(schema);
  return (value) => {
    if (!isDecimal(value)) throw misfit(value);
    if (format === 'NUMERIC') return decimalToString(value);
    if (value.scale !== scale) {
      throw new DataError(
        `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${scale}, value has scale ${value.scale}.${at(path)}`,
      );
    }
    return base64(decimalToBytes(value));
  };
}

function dateEncoder(type: DateType, misfit: EncodeMisfit): Encode {
  return (value) => {
    if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw misfit(value);
    return String(dateToInteger(type, value));
  };
}
