import { fieldOf, formatDecimal, isDecimal, type Schema } from '@tributary/api';

/**
 * Structs, maps and arrays as JSON, for columns of text: numbers with all their digits, bytes as Base64, times as ISO 8601.
 * What has no form in JSON, such as Infinity, is null there, as in JSON.stringify.
 */
export function jsonText(value: unknown, schema: Schema | null): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (value instanceof Date) return JSON.stringify(value);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
  if (isDecimal(value)) return formatDecimal(value);
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item, schema?.valueSchema ?? null)).join(',')}]`;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const members = entries.map(([name, item]) => {
    const inner = schema?.type === 'struct' ? (fieldOf(schema, String(name))?.schema ?? null) : schema?.valueSchema;
    return `${JSON.stringify(String(name))}:${jsonText(item, inner ?? null)}`;
  });
  return `{${members.join(',')}}`;
}
