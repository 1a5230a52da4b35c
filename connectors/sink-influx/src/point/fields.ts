import { DataError, getField, isContainer, isDecimal, type Schema, type SinkRecord } from '@tributary/api';
import type { LineWriter } from '../line/line-writer.ts';
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

const COMMA = 0x2c;

/** Places and schemas are kept up to here: maps can have any number of names. Then all is forgotten and begins anew. */
const MAX_KEPT = 20_000;

/** Makes the fields of points. What a schema says is worked out once, and what names without a schema mean, when they are first seen. */
export class Fields {
  readonly #options: FieldsOptions;
  #entries: Entries;
  #sources: readonly Source[];
  /** Of the record at hand: the names that several places have. */
  #claimed: Set<string> | null = null;
  #out!: LineWriter;
  /** Whether a field of the record was written. */
  #any = false;
  /** Of several records for one point: the text of each field, by its name. */
  #parts: Map<string, string> | null = null;

  constructor(options: FieldsOptions) {
    this.#options = options;
    this.#entries = new Entries(options);
    this.#sources = this.#fresh();
  }

  /** Writes the fields of a record as they stand in a line. @returns whether it has any @throws DataError for what cannot be stored */
  write(record: SinkRecord, out: LineWriter): boolean {
    this.#out = out;
    this.#parts = null;
    const start = out.length;
    const { contests } = this.#entries;
    this.#take(record);
    if (this.#entries.contests !== contests) {
      // A name turned out to be that of two places, after the first of them may have been passed.
      out.backTo(start);
      this.#take(record);
    }
    return this.#any;
  }

  /** Writes the fields of several records for the same point: of each name the last one. Each could be written by itself before. */
  writeMerged(records: readonly SinkRecord[], out: LineWriter): void {
    this.#parts = new Map();
    for (const record of records) this.#take(record);
    let next = false;
    for (const [prefix, value] of this.#parts) {
      if (next) out.character(COMMA);
      next = true;
      out.text(prefix);
      out.text(value);
    }
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
    this.#any = false;
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
        if (typeof value !== 'object' || !isContainer(value) || isDecimal(value)) this.#column(entry.scalar(), value);
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
    if (this.#parts) {
      this.#parts.set(label.prefix, fieldText(column, value, this.#options));
      return;
    }
    const out = this.#out;
    if (this.#any) out.character(COMMA);
    this.#any = true;
    out.text(label.prefix);
    if (typeof value === 'number' && column.numbers === 'float' && Number.isFinite(value)) out.float(value);
    else out.text(fieldText(column, value, this.#options));
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
