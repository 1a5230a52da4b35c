import type { SchemaAndValue } from '../converter.ts';
import { DataError } from '../errors.ts';
import type { Schema } from '../schema.ts';

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

/** Brings a value that was read under a narrower schema to the common one. @throws DataError for null */
export function align(schema: Schema, value: unknown): unknown {
  if (value === null) throw new DataError('Unable to convert a null value to a schema that requires a value');
  if (schema.type === 'float32') return Math.fround(Number(value));
  return schema.type === 'float64' ? Number(value) : value;
}
