import { DataError, getField, isContainer, isDecimal, type Schema, type SinkRecord } from '@tributary/api';
import { Entries, type Entry, type EntryOptions, type Label, type Scalar } from './entries.ts';
import { fieldText, type ValueOptions } from './field-text.ts';
import { namesOf, type Selector } from './selectors.ts';

export interface FieldsOptions extends EntryOptions, ValueOptions {
  readonly selectors: readonly Selector[];
}

/** One selector, with what was worked out for the schemas that it met. */
interface Source {
  readonly selector: Selector;
  readonly entries: Map<Schema | null, Entry>;
  /** The last pair, so that the map is not asked for each record. */
  schema: Schema | null | undefined;
  entry: Entry;
}

/** Places and schemas are kept up to here: maps can have any number of names. Then all is forgotten and begins anew. */
const MAX_KEPT = 20_000;

/** Makes the fields of points. What a schema says is worked out once, and what names without a schema mean, when they are first seen. */
export class Fields {
  readonly #options: FieldsOptions;
  #entries: Entries;
  #sources: readonly Source[];
  /** Of the record at hand: the names that several places have. */
  #claimed: Set<string> | null = null;
  #text = '';
  #parts: Map<string, string> | null = null;

  constructor(options: FieldsOptions) {
    this.#options = options;
    this.#entries = new Entries(options);
    this.#sources = this.#fresh();
  }

  /** The fields of a record as they stand in a line; empty if it has none. @throws DataError for what cannot be stored */
  text(record: SinkRecord): string {
    this.#parts = null;
    const { contests } = this.#entries;
    this.#text = '';
    this.#take(record);
    if (this.#entries.contests !== contests) {
      // A name turned out to be that of two places, after the first of them may have been passed.
      this.#text = '';
      this.#take(record);
    }
    return this.#text;
  }

  /** The fields of several records for the same point: of each name the last one. Each has gone through {@link text} before. */
  merged(records: readonly SinkRecord[]): string {
    this.#parts = new Map();
    for (const record of records) this.#take(record);
    let text = '';
    for (const [prefix, value] of this.#parts) text += text === '' ? prefix + value : `,${prefix}${value}`;
    return text;
  }

  #fresh(): readonly Source[] {
    return this.#options.selectors.map((selector) => {
      const entry = this.#compile(selector, null);
      return { selector, entries: new Map([[null, entry]]), schema: undefined, entry };
    });
  }

  #compile({ path, name, spread }: Selector, schema: Schema | null): Entry {
    return this.#entries.compile(schema, {
      path: namesOf(path),
      name,
      inner: spread ? '' : name + this.#options.separator,
    });
  }

  #take(record: SinkRecord): void {
    if (this.#entries.size > MAX_KEPT) {
      this.#entries = new Entries(this.#options);
      this.#sources = this.#fresh();
    }
    this.#claimed = null;
    for (const source of this.#sources) {
      const { path, reader } = source.selector;
      const schema =
        path.root === 'value' ? record.valueSchema : path.root === 'key' ? record.keySchema : reader.schemaOf(record);
      if (schema !== source.schema) this.#switch(source, schema, record);
      this.#entry(source.entry, reader.read(record));
    }
  }

  /** @param schema of the root; what is compiled is that of the place */
  #switch(source: Source, schema: Schema | null, record: SinkRecord): void {
    let entry = source.entries.get(schema);
    if (!entry) {
      entry = this.#compile(source.selector, source.selector.reader.schemaOf(record));
      source.entries.set(schema, entry);
    }
    source.schema = schema;
    source.entry = entry;
  }

  #entry(entry: Entry, value: unknown): void {
    if (value === null || value === undefined) return;
    switch (entry.kind) {
      case 'column':
        this.#column(entry, value);
        return;
      case 'struct':
        for (const { field, inherited, fallback, entry: inner } of entry.members) {
          const own = inherited ? getField(value as object, field) : (value as Record<string, unknown>)[field];
          this.#entry(inner, own ?? fallback);
        }
        return;
      case 'open': {
        if (!isContainer(value) || isDecimal(value)) this.#column(entry.scalar(), value);
        else if (value instanceof Map) for (const [name, item] of value) this.#member(entry, String(name), item);
        else for (const name of Object.keys(value)) this.#member(entry, name, (value as Record<string, unknown>)[name]);
      }
    }
  }

  #member(entry: Entry & { kind: 'open' }, name: string, value: unknown): void {
    if (value === null || value === undefined) return;
    const inner = entry.members.get(name) ?? entry.member(name);
    if (inner !== null) this.#entry(inner, value);
  }

  #column({ label, column }: Scalar, value: unknown): void {
    if (label.problem) throw label.problem;
    if (label.contested) this.#claim(label);
    const text = fieldText(column, value, this.#options);
    if (this.#parts) this.#parts.set(label.prefix, text);
    else this.#text += this.#text === '' ? label.prefix + text : `,${label.prefix}${text}`;
  }

  #claim({ name }: Label): void {
    this.#claimed ??= new Set();
    if (this.#claimed.has(name))
      throw new DataError(
        `The record has two fields that are both called '${name}': rename one with AS, or choose another flatten.separator`,
      );
    this.#claimed.add(name);
  }
}
