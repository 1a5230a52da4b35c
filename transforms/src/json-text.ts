import { DataError, describeValue, formatDecimal, getField, isDecimal, LogicalName, type Schema } from '@tributary/api';

const MILLIS_PER_DAY = 86_400_000;

/**
 * A value as JSON text: integers exact, decimals as numbers, bytes in Base64, dates as the integers that JsonConverter writes (days or
 * milliseconds), numbers that JSON does not have as text.
 * @throws DataError for what is no value of Connect's
 */
export function jsonText(schema: Schema | null, value: unknown): string {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? String(value) : `"${value}"`;
    case 'bigint':
      return String(value);
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'null';
    case 'object':
      return value === null ? 'null' : objectText(schema, value);
    default:
      throw new DataError(`${describeValue(value)} cannot be written as JSON`);
  }
}

function objectText(schema: Schema | null, value: object): string {
  if (value instanceof Uint8Array)
    return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}"`;
  if (isDecimal(value)) return formatDecimal(value);
  if (value instanceof Date)
    return String(schema?.name === LogicalName.date ? value.getTime() / MILLIS_PER_DAY : value.getTime());
  const values = schema?.valueSchema ?? null;
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(values, item)).join()}]`;
  const members: [string, string][] =
    schema?.type === 'struct'
      ? schema.fields.map(({ name, schema }) => [name, jsonText(schema, getField(value, name) ?? schema.default)])
      : [...(value instanceof Map ? value : Object.entries(value))].map(([key, item]) => [
          String(key),
          jsonText(values, item),
        ]);
  return `{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join()}}`;
}
