import { DataError, describeValue, getField, isContainer, type SinkRecord } from '@tributary/api';
import { fieldReader, PLACE_FIELDS } from '@tributary/sink-kit';
import type { Bucket, MappedSource } from '../mapping/parse.ts';
import { opened } from './opened.ts';

/** Reads the value of a column; undefined or null: it has none. */
export type ReadColumn = (record: SinkRecord) => unknown;

/** Reads a field of a record; JSON in text is looked into, unless all of it is meant. @throws ConfigError for a path that cannot be read */
export function recordReader(path: string): ReadColumn {
  const { read } = fieldReader(path);
  return path === 'key' || path === 'value' ? read : (record) => read(opened(record));
}

/** @param isText whether the column holds text, and so the bucket's name in place of its beginning */
export function mappedReader(source: Exclude<MappedSource, { kind: 'now' }>, isText: boolean): ReadColumn {
  const read = recordReader(source.path);
  return source.kind === 'field' ? read : bucketReader(read, source.unit, isText);
}

/** `2024-05-31T12` of an hour, `2024-05-31` of a day, `2024-05` of a month, all in UTC: their places in ISO 8601. */
const NAME_LENGTH: Readonly<Record<Bucket, number>> = { hour: 13, day: 10, month: 7 };
const REST: Readonly<Record<Bucket, string>> = {
  hour: ':00:00.000Z',
  day: 'T00:00:00.000Z',
  month: '-01T00:00:00.000Z',
};

/** The hour, day or month that the time of a field lies in. */
export function bucketReader(read: ReadColumn, unit: Bucket, isText: boolean): ReadColumn {
  let [knownSlice, known]: [number, string | Date] = [Number.NaN, ''];
  return (record) => {
    const value = read(record);
    if (value === undefined || value === null) return value;
    const date = dateOf(value);
    if (date === undefined)
      throw new DataError(
        `the ${unit} of ${describeValue(value)} cannot be told: it takes a time such as 2024-05-31T12:00:00Z, or a number of milliseconds`,
      );
    const slice = Math.floor(date.getTime() / 3_600_000);
    // Records come in the order of their times, mostly: one hour's name is made once.
    if (slice !== knownSlice) {
      const name = date.toISOString().slice(0, NAME_LENGTH[unit]);
      [knownSlice, known] = [slice, isText ? name : new Date(name + REST[unit])];
    }
    return known;
  };
}

/** Dates, milliseconds since the epoch, and ISO 8601. */
function dateOf(value: unknown): Date | undefined {
  const date = value instanceof Date ? value : new Date(typeof value === 'bigint' ? Number(value) : (value as string));
  const year = date.getUTCFullYear();
  return Number.isNaN(year) || year < 0 || year > 9999 ? undefined : date;
}

/** `__topic`, `__partition`, `__offset`, `__timestamp`. */
export const isPlaceField = (name: string): boolean => (PLACE_FIELDS as readonly string[]).includes(name);

/**
 * The value of a column without a mapping: the value's field of its name, or else the key's. A key that is no struct is the column
 * `key`, and of a tombstone also the only column that identifies a row. Columns such as `__offset` take the place of the record.
 */
export function conventionReader(column: string, isOnlyKey: boolean): ReadColumn {
  if (isPlaceField(column)) return fieldReader(column).read;
  return (record) => {
    const { key, value } = opened(record);
    const own = isContainer(value) ? getField(value, column) : undefined;
    if (own !== undefined) return own;
    if (isContainer(key)) return getField(key, column);
    return column === 'key' || (isOnlyKey && value === null) ? record.key : undefined;
  };
}
