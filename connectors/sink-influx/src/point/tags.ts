import { DataError, isContainer, isDecimal, type Schema, type SinkRecord } from '@tributary/api';
import { type FieldReader, fieldsOf } from '@tributary/sink-kit';
import { escapeTagKey, escapeTagValue } from '../line/escape.ts';
import type { MisfitPolicy } from '../line/misfit.ts';
import type { Selector } from './selectors.ts';
import { tagText } from './tag-text.ts';

export interface TagsOptions {
  readonly selectors: readonly Selector[];
  readonly misfits: MisfitPolicy;
  readonly separator: string;
}

interface Source {
  readonly selector: Selector;
  /** A comma, the escaped name and the equals sign; of those that are spread it is not used. */
  readonly prefix: string;
}

interface Tag {
  readonly name: string;
  readonly text: string;
}

/** Makes the tags of points, sorted by name as InfluxDB wants them; what is null, missing or empty is left out. */
export class Tags {
  /** What reads the tags, in the order of their names; null if there is one for each entry of something. */
  readonly readers: readonly FieldReader[] | null;
  readonly #options: TagsOptions;
  readonly #sources: readonly Source[];

  /** @throws DataError for names that cannot be written */
  constructor(options: TagsOptions) {
    this.#options = options;
    this.#sources = options.selectors
      .toSorted((a, b) => compare(a.name, b.name))
      .map((selector) => ({
        selector,
        prefix: selector.spread ? '' : `,${escapeTagKey(selector.name, options.misfits)}=`,
      }));
    const spreads = options.selectors.some(({ spread }) => spread);
    this.readers = spreads ? null : this.#sources.map(({ selector }) => selector.reader);
  }

  /** Beginning with a comma, or empty. @throws DataError for what cannot be written */
  text(record: SinkRecord): string {
    if (this.readers === null) return this.#spreadText(record);
    const { misfits } = this.#options;
    let text = '';
    for (const { selector, prefix } of this.#sources) {
      const value = selector.reader.read(record);
      if (value === null || value === undefined || value === '') continue;
      if (typeof value === 'string') {
        text += prefix + escapeTagValue(value, misfits, selector.name);
        continue;
      }
      if (isContainer(value) && !isDecimal(value)) return this.#spreadText(record);
      const schema = value instanceof Date ? selector.reader.schemaOf(record) : null;
      const own = tagText(value, schema, selector.name);
      if (own !== '') text += prefix + escapeTagValue(own, misfits, selector.name);
    }
    return text;
  }

  #spreadText(record: SinkRecord): string {
    const { misfits } = this.#options;
    const tags = new Map<string, Tag>();
    const add = (name: string, value: unknown, schema: Schema | null, inner: string): void => {
      if (value === null || value === undefined) return;
      const fields = isDecimal(value) ? null : fieldsOf(value, schema);
      if (fields) {
        for (const field of fields)
          add(inner + field.name, field.value, field.schema, inner + field.name + this.#options.separator);
        return;
      }
      const text = tagText(value, schema, name);
      if (text === '') return;
      if (tags.has(name))
        throw new DataError(`The record has two tags that are both called '${name}': rename one with AS`);
      tags.set(name, { name, text });
    };
    for (const { selector } of this.#sources) {
      const { reader, name, spread } = selector;
      add(name, reader.read(record), reader.schemaOf(record), spread ? '' : name + this.#options.separator);
    }
    return [...tags.values()]
      .sort((a, b) => compare(a.name, b.name))
      .map(({ name, text }) => `,${escapeTagKey(name, misfits)}=${escapeTagValue(text, misfits, name)}`)
      .join('');
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
