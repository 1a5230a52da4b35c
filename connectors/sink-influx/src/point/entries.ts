import { DataError, isInheritedName, type Schema } from '@tributary/api';
import { escapeFieldKey } from '../line/escape.ts';
import type { MisfitPolicy } from '../line/misfit.ts';
import { type FieldColumn, type ToldTypes, typesOf } from './field-text.ts';

/** The name of a field, once for all records. */
export interface Label {
  readonly name: string;
  /** The escaped name and the equals sign. */
  readonly prefix: string;
  /** Why it cannot be written. */
  readonly problem: DataError | null;
  /** The place in records that it stands for. */
  readonly place: string;
  /** Another place has the same name: records that hold both cannot be stored. */
  contested: boolean;
}

/** A value that becomes one field. */
export interface Scalar {
  readonly label: Label;
  readonly column: FieldColumn;
}

/** A place in a record, and what of it becomes a field. */
export type Entry = ColumnEntry | StructEntry | OpenEntry;

interface ColumnEntry extends Scalar {
  readonly kind: 'column';
}

interface Member {
  readonly field: string;
  /** Its name is one that every object knows. */
  readonly inherited: boolean;
  readonly fallback: unknown;
  readonly entry: Entry;
}

interface StructEntry {
  readonly kind: 'struct';
  readonly members: readonly Member[];
}

/** Without a schema, or a map: what is in it is known from the records only, and kept. */
interface OpenEntry {
  readonly kind: 'open';
  /** For a value that holds no others. */
  scalar(): Scalar;
  /** By the names in it; null for what is not taken. */
  readonly members: ReadonlyMap<string, Entry | null>;
  /** @returns null if it is used elsewhere */
  member(name: string): Entry | null;
}

export interface EntryOptions {
  readonly misfits: MisfitPolicy;
  /** Places that are tags, the timestamp or a part of the measurement: no `.*` takes them. */
  readonly used: ReadonlySet<string>;
  /** Between the names of nested fields. */
  readonly separator: string;
  readonly told: ToldTypes;
}

/** Where an entry stands, and what it is called. */
export interface Position {
  readonly path: readonly string[];
  readonly name: string;
  /** What stands before the names of what is in it. */
  readonly inner: string;
}

/** Works out what becomes of the places of records, and knows all names that were given. */
export class Entries {
  readonly #options: EntryOptions;
  readonly #labels = new Map<string, Label>();
  #count = 0;
  #contests = 0;

  constructor(options: EntryOptions) {
    this.#options = options;
  }

  /** How many places are kept. */
  get size(): number {
    return this.#count;
  }

  /** How often a second place was found for a name. */
  get contests(): number {
    return this.#contests;
  }

  compile(schema: Schema | null, position: Position): Entry {
    if (schema?.type === 'struct') return this.#struct(schema, position);
    this.#count++;
    if (schema !== null && schema.type !== 'map') return { kind: 'column', ...this.#scalar(schema, position) };
    let scalar: Scalar | undefined;
    const members = new Map<string, Entry | null>();
    return {
      kind: 'open',
      scalar: () => {
        scalar ??= this.#scalar(schema, position);
        return scalar;
      },
      members,
      member: (field) => {
        const known = members.get(field);
        if (known !== undefined) return known;
        const entry = this.#inner(schema?.valueSchema ?? null, position, field);
        members.set(field, entry);
        return entry;
      },
    };
  }

  #scalar(schema: Schema | null, { name, path }: Position): Scalar {
    return { label: this.#label(name, path), column: { name, ...typesOf(schema, name, this.#options.told) } };
  }

  #struct(schema: Schema, position: Position): StructEntry {
    return {
      kind: 'struct',
      members: schema.fields.flatMap(({ name: field, schema: inner }) => {
        const entry = this.#inner(inner, position, field);
        return entry ? [{ field, inherited: isInheritedName(field), fallback: inner.default, entry }] : [];
      }),
    };
  }

  #inner(schema: Schema | null, { path, inner }: Position, field: string): Entry | null {
    const place = [...path, field];
    if (this.#options.used.has(JSON.stringify(place))) return null;
    const name = inner + field;
    return this.compile(schema, { path: place, name, inner: name + this.#options.separator });
  }

  #label(name: string, path: readonly string[]): Label {
    const place = JSON.stringify(path);
    const known = this.#labels.get(name);
    if (known?.place === place) return known;
    if (known) {
      known.contested = true;
      this.#contests++;
    }
    const label = { name, ...this.#prefix(name), place, contested: known !== undefined };
    this.#labels.set(name, label);
    return label;
  }

  #prefix(name: string): Pick<Label, 'prefix' | 'problem'> {
    try {
      return { prefix: `${escapeFieldKey(name, this.#options.misfits)}=`, problem: null };
    } catch (problem) {
      if (!(problem instanceof DataError)) throw problem;
      return { prefix: '', problem };
    }
  }
}
