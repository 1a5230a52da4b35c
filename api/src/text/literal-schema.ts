import type { SchemaAndValue } from '../converter.ts';
import { DataError } from '../errors.ts';
import { LogicalName, type Schema } from '../schema.ts';
import { MILLIS_PER_DAY } from './calendar.ts';

const NUMBERS: readonly string[] = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64'];

/** Finds the one schema that all elements of a literal have, widening numbers. */
export class CommonSchema {
  /** Null if there were no values, or none that go together. */
  schema: Schema | null = null;
  #compatible = true;

  add(element: SchemaAndValue): void {
    if (element.schema === null || !this.#compatible) return;
    this.schema = this.schema === null ? element.schema : merge(this.schema, element.schema);
    this.#compatible = this.schema !== null;
  }
}

function merge(a: Schema, b: Schema): Schema | null {
  if (a.type === b.type) return b;
  const [left, right] = [NUMBERS.indexOf(a.type), NUMBERS.indexOf(b.type)];
  if (left < 0 || right < 0) return null;
  return left > right ? a : b;
}

/** The number that a date schema stands for, as its Date. @throws DataError for a time of no day */
function dateOf(name: string, value: number): Date {
  if (name === LogicalName.date) return new Date(value * MILLIS_PER_DAY);
  if (name === LogicalName.time && (value < 0 || value > MILLIS_PER_DAY))
    throw new DataError(`${value} is no time of a day`);
  return new Date(value);
}

const DATES: readonly unknown[] = [LogicalName.date, LogicalName.time, LogicalName.timestamp];

/** Brings a value that was read under a narrower schema to the common one. @throws DataError for null, and for a date among numbers */
export function align({ type, name }: Schema, value: unknown): unknown {
  if (value === null) throw new DataError('Unable to convert a null value to a schema that requires a value');
  if (!NUMBERS.includes(type)) return value;
  if (DATES.includes(name)) return value instanceof Date ? value : dateOf(name!, Number(value));
  if (value instanceof Date) throw new DataError('Unable to convert a date to a number');
  if (type === 'float32') return Math.fround(Number(value));
  return type === 'float64' ? Number(value) : value;
}
