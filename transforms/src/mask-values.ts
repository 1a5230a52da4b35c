import {
  DataError,
  type Decimal,
  decimalScale,
  decimalToString,
  describeValue,
  int64,
  isDecimal,
  LogicalName,
  parseDecimal,
  rescaleDecimal,
  type Schema,
} from '@tributary/api';
import { asciiDigits } from '@tributary/api/text';
import { integerOf } from './decimals.ts';

const BITS: Readonly<Record<string, number>> = { int8: 8, int16: 16, int32: 32, int64: 64 };

/** A decimal value of the schema's scale; Java leaves it at its own, which no converter then writes. */
const scaled = (value: Decimal, schema: Schema | null): Decimal =>
  schema === null || schema.name !== LogicalName.decimal ? value : rescaleDecimal(value, decimalScale(schema));

function numberType(schema: Schema | null, value: number | bigint): string {
  if (schema !== null) return schema.type;
  return typeof value === 'bigint' || (Number.isSafeInteger(value) && !Object.is(value, -0)) ? 'int64' : 'float64';
}

function nothing(schema: Schema | null, value: unknown): unknown {
  switch (typeof value) {
    case 'boolean':
      return false;
    case 'number':
    case 'bigint':
      return 0;
    case 'string':
      return '';
  }
  if (value instanceof Date) return new Date(0);
  if (isDecimal(value)) return scaled({ unscaled: 0n, scale: 0 }, schema);
  if (Array.isArray(value)) return [];
  if (!(value instanceof Uint8Array) && (schema === null || schema.type === 'map')) return {};
  throw new DataError(`Cannot mask value of type: ${describeValue(value)}`);
}

function replaced(schema: Schema | null, value: unknown, text: string, decimal: () => Decimal): unknown {
  if (typeof value === 'string') return text;
  if (typeof value === 'number' || typeof value === 'bigint') {
    const type = numberType(schema, value);
    if (type === 'float64') return Number(decimalToString(decimal()));
    if (type === 'float32') return Math.fround(Number(decimalToString(decimal())));
    return int64(BigInt.asIntN(BITS[type]!, integerOf(decimal())));
  }
  if (isDecimal(value)) return scaled(decimal(), schema);
  throw new DataError(`Cannot mask value of type ${describeValue(value)} with custom replacement.`);
}

/**
 * Makes what masks values.
 * @param replacement for numbers and text; null for nought, empty text and the like
 * @returns a function of a value and its schema (null for schemaless data); null stays null
 */
export function masking(replacement: string | null): (schema: Schema | null, value: unknown) => unknown {
  if (replacement === null)
    return (schema, value) => (value === null || value === undefined ? null : nothing(schema, value));
  let parsed: Decimal | undefined;
  const decimal = (): Decimal => {
    try {
      parsed ??= parseDecimal(asciiDigits(replacement));
    } catch (error) {
      throw new DataError(`Unable to convert ${replacement} to a number`, { cause: error });
    }
    return parsed;
  };
  return (schema, value) =>
    value === null || value === undefined ? null : replaced(schema, value, replacement, decimal);
}
