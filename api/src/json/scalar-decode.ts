import { type Decimal, decimalFromBytes, parseDecimal, rescaleDecimal } from '../decimal.ts';
import { describeValue } from '../describe.ts';
import { DataError } from '../errors.ts';
import { isInt64 } from '../int64.ts';
import { type DateType, dateFromInteger, dateTypeOf } from '../logical.ts';
import { decimalScale, LogicalName, type Schema } from '../schema.ts';
import { getField } from '../struct.ts';
import { Fraction } from './exact-json.ts';
import { at } from './path.ts';

/**
 * Turns parsed JSON into a value of a schema.
 * @param exact whether the JSON comes from `parseExactJson` with fractions kept, not from JSON.parse
 * @throws DataError that names the place of what does not fit, or, unless `exact`, {@link NEEDS_EXACT}
 */
export type Decode = (node: unknown, exact: boolean) => unknown;

/** Thrown where JSON.parse may have lost something that the schema asks for: parse the text exactly and decode again. */
export const NEEDS_EXACT = new Error('The JSON must be parsed exactly');

/** From here on a double may be a rounded fraction; from twice that, a rounded integer. */
const ROUNDED = 2 ** 52;

/** A field of a JSON object, in either form of the parser; undefined for anything else. */
export function nodeField(node: unknown, name: string): unknown {
  return typeof node === 'object' && node !== null && !Array.isArray(node) ? getField(node, name) : undefined;
}

/** Whether values need the digits of fractions as they were written. */
export function hasDecimals(schema: Schema): boolean {
  return (
    schema.name === LogicalName.decimal ||
    schema.fields.some((field) => hasDecimals(field.schema)) ||
    (schema.keySchema !== null && hasDecimals(schema.keySchema)) ||
    (schema.valueSchema !== null && hasDecimals(schema.valueSchema))
  );
}

const describeNode = (node: unknown): string =>
  node instanceof Fraction ? `the number ${node.text}` : node instanceof Map ? 'an object' : describeValue(node);

/** Makes the error for a node that does not fit its type. */
export type DecodeMisfit = (node: unknown) => DataError;

/** The errors of a schema's decoder, at its place in the value. */
export function decodeMisfit(schema: Schema, path: string): DecodeMisfit {
  return (node) =>
    new DataError(`Invalid JSON for ${schema.name ?? schema.type.toUpperCase()}${at(path)}: ${describeNode(node)}`);
}

/** Makes the reader of what is no array, map or struct, for nodes that are not null; undefined for those three. */
export function compileScalarDecoder(schema: Schema, path: string): Decode | undefined {
  const misfit = decodeMisfit(schema, path);
  if (schema.name === LogicalName.decimal) return decimalDecoder(decimalScale(schema), path);
  const dateType = dateTypeOf(schema);
  if (dateType) return dateDecoder(dateType, path);
  switch (schema.type) {
    case 'int8':
      return integerDecoder(2 ** 7, misfit);
    case 'int16':
      return integerDecoder(2 ** 15, misfit);
    case 'int32':
      return integerDecoder(2 ** 31, misfit);
    case 'int64':
      return int64Decoder(misfit);
    case 'float32':
      return (node, exact) => Math.fround(float(node, exact, misfit));
    case 'float64':
      return (node, exact) => float(node, exact, misfit);
    case 'boolean':
      return (node) => {
        if (typeof node !== 'boolean') throw misfit(node);
        return node;
      };
    case 'string':
      return (node) => {
        if (typeof node !== 'string') throw misfit(node);
        return node;
      };
    case 'bytes':
      return (node) => {
        if (typeof node !== 'string') throw misfit(node);
        return fromBase64(node, path);
      };
    default:
      return undefined;
  }
}

/** A whole number, also one written with a zero fraction; anything else comes back as it is. */
function integer(node: unknown): unknown {
  if (!(node instanceof Fraction)) return node;
  const number = Number(node.text);
  return Number.isSafeInteger(number) ? number : node;
}

function int64Decoder(misfit: DecodeMisfit): Decode {
  return (node, exact) => {
    if (typeof node === 'number' && !exact && Math.abs(node) >= ROUNDED) throw NEEDS_EXACT;
    const value = integer(node);
    if (!isInt64(value)) throw misfit(node);
    return value === 0 ? 0 : value;
  };
}

function integerDecoder(limit: number, misfit: DecodeMisfit): Decode {
  return (node) => {
    const value = integer(node);
    if (!Number.isInteger(value) || (value as number) < -limit || (value as number) >= limit) throw misfit(node);
    return value === 0 ? 0 : value;
  };
}

/** What JSON has no numbers for is written as text. */
const NOT_FINITE: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

function float(node: unknown, exact: boolean, misfit: DecodeMisfit): number {
  if (typeof node === 'number') {
    if (!exact && Object.is(node, -0)) throw NEEDS_EXACT;
    return node;
  }
  if (node instanceof Fraction) return node.toNumber();
  if (typeof node === 'bigint') return Number(node);
  const value = NOT_FINITE.get(node);
  if (value === undefined) throw misfit(node);
  return value;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function fromBase64(text: string, path: string): Uint8Array {
  if (!BASE64.test(text)) throw new DataError(`Invalid bytes field: not base64${at(path)}: ${describeValue(text)}`);
  return Buffer.from(text, 'base64');
}

/** What Java calls the kinds of JSON. */
export function nodeType(node: unknown): string {
  if (Array.isArray(node)) return 'ARRAY';
  if (typeof node === 'object' && !(node instanceof Fraction)) return 'OBJECT';
  if (typeof node === 'string' || typeof node === 'boolean') return (typeof node).toUpperCase();
  return 'NUMBER';
}

function decimalDecoder(scale: number, path: string): Decode {
  return (node) => {
    if (typeof node === 'string') return decimalFromBytes(fromBase64(node, path), scale);
    if (node instanceof Fraction) return inScale(parseDecimal(node.text), scale);
    if (typeof node === 'number' && !Number.isInteger(node)) return inScale(parseDecimal(String(node)), scale);
    if (typeof node === 'number' || typeof node === 'bigint')
      return inScale({ unscaled: BigInt(node), scale: 0 }, scale);
    throw new DataError(
      `Invalid type for Decimal, underlying representation should be numeric or bytes but was ${nodeType(node)}${at(path)}`,
    );
  };
}

/** Numbers are written without the zeros that the schema's scale asks for; a number with more digits keeps them. */
function inScale(value: Decimal, scale: number): Decimal {
  return value.scale < scale || value.unscaled % 10n ** BigInt(value.scale - scale) === 0n
    ? rescaleDecimal(value, scale)
    : value;
}

function dateDecoder(type: DateType, path: string): Decode {
  return (node, exact) => {
    if (typeof node === 'number' && !exact && Math.abs(node) >= ROUNDED) throw NEEDS_EXACT;
    const value = integer(node);
    const whole =
      type === 'Timestamp' ? isInt64(value) : Number.isInteger(value) && Math.abs(value as number) <= 2 ** 31;
    if (!whole) {
      throw new DataError(
        `Invalid type for ${type}, underlying representation should be ${type === 'Timestamp' ? 'integral' : 'integer'} but was ${nodeType(node)}${at(path)}`,
      );
    }
    const date = dateFromInteger(type, Number(value));
    if (Number.isNaN(date.getTime()))
      throw new DataError(`${value} is beyond the years that a Date can hold${at(path)}`);
    return date;
  };
}

/** Whether a node is a JSON object, in either form of the parser. */
export const isObjectNode = (node: unknown): node is object =>
  typeof node === 'object' && node !== null && !Array.isArray(node) && !(node instanceof Fraction);
