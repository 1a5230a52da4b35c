import { isDecimal } from './decimal.ts';

/** Names a value in an error message: its kind, and of text only the length, since records hold what logs must not show. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  switch (typeof value) {
    case 'string':
      return `text of ${value.length} characters`;
    case 'number':
    case 'bigint':
      return `the number ${value}`;
    case 'boolean':
      return String(value);
    case 'object':
      break;
    default:
      return `a ${typeof value}`;
  }
  if (isDecimal(value)) return `a Decimal of scale ${value.scale}`;
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Date) return 'a Date';
  if (value instanceof Map) return 'a map';
  const type = Object.getPrototypeOf(value)?.constructor?.name;
  return type === undefined || type === 'Object' ? 'an object' : `an object of class ${type}`;
}
