import type { CqlType, NativeType } from '../cql/types.ts';
import type { CodecSettings } from '../settings/table-settings.ts';
import type { RowWriter } from './row-writer.ts';

/**
 * Writes a value that is in the form that most have, without making a buffer for it. False for any other, of which nothing was
 * written: it is for the type's {@link Encode}, that writes the same bytes for these.
 */
export type InPlace = (value: unknown, row: RowWriter) => boolean;

const int: InPlace = (value, row) => {
  if (typeof value !== 'number' || (value | 0) !== value) return false;
  row.int32(value);
  return true;
};

const int64: InPlace = (value, row) => {
  if (!Number.isSafeInteger(value)) return false;
  row.int64(value as number);
  return true;
};

const double: InPlace = (value, row) => {
  if (typeof value !== 'number') return false;
  row.float64(value);
  return true;
};

const text: InPlace = (value, row) => {
  if (typeof value !== 'string' || !value.isWellFormed()) return false;
  row.text(value);
  return true;
};

const boolean: InPlace = (value, row) => {
  if (typeof value !== 'boolean') return false;
  row.byte(value ? 1 : 0);
  return true;
};

const date: InPlace = (value, row) => value instanceof Date && int64(value.getTime(), row);

const dateOrMillis: InPlace = (value, row) => int64(value instanceof Date ? value.getTime() : value, row);

const WRITERS: Partial<Record<NativeType, InPlace>> = { bigint: int64, boolean, double, int, text };

/** Of a column's type; null: none of its values is written so. */
export function inPlaceOf(type: CqlType, { unit }: Pick<CodecSettings, 'unit'>): InPlace | null {
  if (type.kind !== 'native') return null;
  if (type.name === 'timestamp') return unit === 'MILLISECONDS' ? dateOrMillis : date;
  return WRITERS[type.name] ?? null;
}
