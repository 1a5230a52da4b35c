import { ConnectError, type SourceOffset } from '@tributary/api';
import { compare, isPrimitive, type Primitive } from './fields.ts';

/** How far reading has come: the fields of the record that is highest, and the ids of all that are as high. */
export interface Mark {
  readonly values: Readonly<Record<string, Primitive>>;
  readonly ids: readonly string[];
}

/** What a server said of an answer, to ask it whether there is another. */
export interface Validator {
  readonly etag: string | null;
  readonly modified: string | null;
  /** What was asked, as a hash: URLs may hold keys. */
  readonly request: string;
}

export interface Position {
  /** How far the last round came; it stays while a round is under way. */
  readonly since: Mark;
  /** How far this round has come. */
  readonly reached: Mark;
  /** The next page of the round that is under way; null: a round begins. */
  readonly page: string | null;
  /** The versions of records that came last in that round, in short: they come again where new records push them to a later page. */
  readonly recent: readonly string[];
  readonly validator: Validator | null;
}

/** Ids beyond these are forgotten, those that came first. */
const MOST_IDS = 5000;
/** The letters of each in `recent`. */
export const SHORT = 10;

/** Names beside those of the user's fields. */
const OWN = {
  ids: '_ids',
  page: '_page',
  etag: '_etag',
  modified: '_modified',
  request: '_request',
  reached: '_reached.',
  recent: '_read',
};

export const start = (values: Readonly<Record<string, Primitive>>): Position => {
  const mark = { values, ids: [] };
  return { since: mark, reached: mark, page: null, recent: [], validator: null };
};

/** As an offset: flat. */
export function toOffset({ since, reached, page, recent, validator }: Position): SourceOffset {
  const offset: Record<string, unknown> = { ...since.values };
  if (since.ids.length > 0) offset[OWN.ids] = JSON.stringify(since.ids);
  if (page !== null) {
    offset[OWN.page] = page;
    for (const [field, value] of Object.entries(reached.values)) offset[OWN.reached + field] = value;
    offset[`${OWN.reached}${OWN.ids}`] = JSON.stringify(reached.ids);
    if (recent.length > 0) offset[OWN.recent] = recent.join('');
  }
  if (validator) {
    offset[OWN.request] = validator.request;
    if (validator.etag !== null) offset[OWN.etag] = validator.etag;
    if (validator.modified !== null) offset[OWN.modified] = validator.modified;
  }
  return offset;
}

/**
 * Reads a stored offset.
 * @param initial stands in for fields that it has not
 * @throws ConnectError if it is damaged
 */
export function fromOffset(
  offset: SourceOffset | null,
  fields: readonly string[],
  initial: Readonly<Record<string, Primitive>>,
): Position {
  if (!offset) return start(initial);
  const valuesOf = (prefix: string, instead: Readonly<Record<string, Primitive>>): Record<string, Primitive> =>
    Object.fromEntries(
      fields.flatMap((field) => {
        const value = offset[prefix + field] ?? instead[field];
        return isPrimitive(value) ? [[field, value]] : [];
      }),
    );
  const since = { values: valuesOf('', initial), ids: idsOf(offset, OWN.ids) };
  const page = textOf(offset, OWN.page);
  const request = textOf(offset, OWN.request);
  return {
    since,
    page,
    recent: page === null ? [] : shortsOf(offset, OWN.recent),
    reached:
      page === null
        ? since
        : { values: valuesOf(OWN.reached, since.values), ids: idsOf(offset, `${OWN.reached}${OWN.ids}`) },
    validator:
      request === null ? null : { request, etag: textOf(offset, OWN.etag), modified: textOf(offset, OWN.modified) },
  };
}

function textOf(offset: SourceOffset, key: string): string | null {
  const value = offset[key] ?? null;
  if (value !== null && typeof value !== 'string')
    throw new ConnectError(`The offset's '${key}' must be text; it is ${JSON.stringify(value)}`);
  return value;
}

function idsOf(offset: SourceOffset, key: string): readonly string[] {
  const text = textOf(offset, key);
  if (text === null) return [];
  try {
    const ids: unknown = JSON.parse(text);
    if (Array.isArray(ids) && ids.every((id) => typeof id === 'string')) return ids;
  } catch {
    // told below
  }
  throw new ConnectError(`The offset's '${key}' must be a JSON array of texts; it is ${JSON.stringify(text)}`);
}

function shortsOf(offset: SourceOffset, key: string): readonly string[] {
  const text = textOf(offset, key) ?? '';
  if (text.length % SHORT !== 0)
    throw new ConnectError(
      `The offset's '${key}' must be hashes of ${SHORT} letters each; it has ${text.length} letters`,
    );
  return Array.from({ length: text.length / SHORT }, (_, i) => text.slice(i * SHORT, (i + 1) * SHORT));
}

/** What tells a record apart, and how high it is. */
export interface Item {
  readonly id: string;
  readonly values: Readonly<Record<string, Primitive>>;
}

/** What tells a record from what it was before it changed. @param first the field that says how far reading has come */
export function versionOf({ id, values }: Item, first: string | null): string {
  const height = first === null ? undefined : values[first];
  return height === undefined ? id : `${height}\n${id}`;
}

/** What was read before. */
interface Earlier {
  has(version: string): boolean;
}

/**
 * Takes the items of a page that were not read before, and says how far they go.
 * @param fields those of the offset; the first decides
 * @param repeats whether all are new, however often they come
 */
export class Round {
  readonly #repeats: boolean;
  readonly #first: string | null;
  readonly #since: Mark;
  readonly #known: ReadonlySet<string>;
  #values: Readonly<Record<string, Primitive>>;
  #ids: Set<string>;
  readonly #taken: Set<string>;
  readonly #earlier: Earlier;

  /** @param earlier the versions of the pages before, as far as they are remembered */
  constructor(
    { since, reached, page }: Position,
    fields: readonly string[],
    repeats: boolean,
    earlier: Earlier = new Set<string>(),
  ) {
    this.#repeats = repeats;
    this.#first = fields[0] ?? null;
    this.#since = since;
    this.#known = new Set(since.ids);
    this.#values = reached.values;
    // Without a field that says how far, what one round has is what the next one knows.
    this.#ids = new Set(page === null && this.#first === null ? [] : reached.ids);
    this.#taken = new Set(this.#first === null ? this.#ids : []);
    this.#earlier = earlier;
  }

  get reached(): Mark {
    return { values: this.#values, ids: [...this.#ids].slice(-MOST_IDS) };
  }

  /** Whether an item is new. */
  take({ id, values }: Item): boolean {
    if (this.#repeats) return true;
    const version = versionOf({ id, values }, this.#first);
    const height = this.#first === null ? undefined : values[this.#first];
    if (this.#first !== null && height === undefined) return !this.#earlier.has(version); // it says nothing of how far we are
    const again = this.#taken.has(version) || this.#earlier.has(version);
    this.#taken.add(version);
    if (this.#first === null || height === undefined) {
      this.#ids.add(id);
      return !again && !this.#known.has(id);
    }
    const [begun, top] = [this.#since.values[this.#first], this.#values[this.#first]];
    const aboveSince = begun === undefined ? 1 : compare(height, begun);
    const aboveTop = top === undefined ? 1 : compare(height, top);
    const seen =
      again || aboveSince < 0 || (aboveSince === 0 && this.#known.has(id)) || (aboveTop === 0 && this.#ids.has(id));
    if (aboveTop > 0) this.#ids = new Set();
    if (aboveTop >= 0) {
      this.#values = { ...this.#values, ...values };
      this.#ids.add(id);
    }
    return !seen;
  }
}
