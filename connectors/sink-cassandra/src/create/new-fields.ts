import { isContainer, type Schema, type SinkRecord } from '@tributary/api';
import type { Table } from '../cql/table.ts';
import { opened } from '../rows/opened.ts';
import { typeOfValue } from './infer.ts';

/** Finds fields of values that a table has no column for. */
export class NewFields {
  readonly #columns: ReadonlySet<string>;
  /** Schemas that were looked at. */
  readonly #seen = new WeakSet<Schema>();

  constructor({ columns }: Table) {
    this.#columns = new Set(columns.map(({ name }) => name));
  }

  /** Of a schema each is told once. Values that tell nothing of a column's type, such as null, are passed over. */
  in(record: SinkRecord): readonly string[] {
    const { value, valueSchema } = opened(record);
    if (valueSchema !== null) {
      if (this.#seen.has(valueSchema)) return [];
      this.#seen.add(valueSchema);
      return valueSchema.fields.map(({ name }) => name).filter((name) => !this.#columns.has(name));
    }
    if (!isContainer(value)) return [];
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    return entries.flatMap(([name, item]) =>
      this.#columns.has(String(name)) || typeOfValue(item) === null ? [] : [String(name)],
    );
  }
}
