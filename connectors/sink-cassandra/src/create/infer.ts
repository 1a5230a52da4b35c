import { isContainer, isDecimal, LogicalName, type Schema } from '@tributary/api';
import { Fraction } from '@tributary/api/json';
import type { NativeType } from '../cql/types.ts';

/** A type as CREATE TABLE writes it. */
export type TypeText = NativeType | `list<${string}>` | `map<${string}, ${string}>`;

const BY_LOGICAL_NAME: Readonly<Record<string, NativeType>> = {
  [LogicalName.decimal]: 'decimal',
  [LogicalName.date]: 'date',
  [LogicalName.time]: 'time',
  [LogicalName.timestamp]: 'timestamp',
};

const BY_TYPE = {
  int8: 'tinyint',
  int16: 'smallint',
  int32: 'int',
  int64: 'bigint',
  float32: 'float',
  float64: 'double',
  boolean: 'boolean',
  string: 'text',
  bytes: 'blob',
} as const satisfies Partial<Record<Schema['type'], NativeType>>;

/** The type for values of a schema. A struct becomes text, as JSON: its fields may change, those of a type in the store cannot. */
export function typeOfSchema(schema: Schema): TypeText {
  const logical = schema.name === null ? undefined : BY_LOGICAL_NAME[schema.name];
  if (logical !== undefined) return logical;
  switch (schema.type) {
    case 'struct':
      return 'text';
    case 'array':
      return `list<${frozen(typeOfSchema(schema.valueSchema!))}>`;
    case 'map':
      return schema.keySchema!.type === 'struct'
        ? 'text'
        : `map<${frozen(typeOfSchema(schema.keySchema!))}, ${frozen(typeOfSchema(schema.valueSchema!))}>`;
    default:
      return BY_TYPE[schema.type];
  }
}

/** The type for a value without a schema; null if it tells nothing. JSON has one kind of number: 100 today may be 100.5 tomorrow. */
export function typeOfValue(value: unknown): TypeText | null {
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return 'double';
    case 'bigint':
      return 'varint';
    case 'boolean':
      return 'boolean';
  }
  if (value instanceof Date) return 'timestamp';
  if (value instanceof Uint8Array) return 'blob';
  if (value instanceof Fraction) return 'double';
  if (isDecimal(value)) return 'decimal';
  if (Array.isArray(value)) {
    const types = new Set(value.map(typeOfValue));
    const [item] = types;
    return types.size === 1 && item != null && !isCollection(item) ? `list<${item}>` : types.size === 0 ? null : 'text';
  }
  return isContainer(value) ? 'text' : null;
}

const isCollection = (type: TypeText): boolean => type.includes('<');

/** A collection as a whole, as keys and collections need it. */
export const frozen = (type: TypeText): string => (isCollection(type) ? `frozen<${type}>` : type);
