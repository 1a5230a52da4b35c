import { isContainer, type Schema, type SinkRecord } from '@tributary/api';
import type { Table } from '../cql/table.ts';
import { opened } from '../rows/opened.ts';
import { typeOfValue } from './infer.ts';

/** So many names are told apart: maps can have any number of them. */
const MOST_NAMES = 1000;

/** Finds fields of values that a table has no column for. */
export class NewFields {
  readonly #known: Set<string>;
  readonly #most: number;
  /** Schemas that were looked at. */
  readonly #seen = new WeakSet<Schema>();

  constructor({ columns }: Table) {
    this.#known = new Set(columns.map(({ name }) => name));
    this.#most = this.#known.size + MOST_NAMES;
  }

  /** Of a schema each is told once. Values that tell nothing of a column's type, such as null, are passed over. */
  in(record: SinkRecord): readonly string[] {
    if (this.#known.size > this.#most) return NONE;
    const { value, valueSchema } = opened(record);
    if (valueSchema !== null) {
      if (this.#seen.has(valueSchema)) return NONE;
      this.#seen.add(valueSchema);
      return valueSchema.type === 'struct'
        ? valueSchema.fields.map(({ name }) => name).filter((name) => !this.#known.has(name))
        : NONE;
    }
    if (!isContainer(value)) return NONE;
    // Asked of every record, most of which have nothing new.
    const names: string[] = [];
    for (const name of value instanceof Map ? value.keys() : Object.keys(value)) {
      if (this.#known.has(String(name))) continue;
      const item = value instanceof Map ? value.get(name) : (value as Record<string, unknown>)[name];
      if (typeOfValue(item) !== null) names.push(String(name));
    }
    return names;
  }

  /** From now on these are not new; when there are a great many of them, none is. */
  note(names: Iterable<string>): void {
    for (const name of names) this.#known.add(name);
  }
}

const NONE: readonly string[] = [];
