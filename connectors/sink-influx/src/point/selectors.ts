import { ConfigError, messageOf } from '@tributary/api';
import { type FieldPath, type FieldReader, fieldReader, parseFieldPath } from '@tributary/sink-kit';

/** An item of `tags` or `fields`: what is taken of a record, and under which name. */
export interface Selector {
  /** As configured. */
  readonly text: string;
  readonly path: FieldPath;
  readonly reader: FieldReader;
  /** Identifies the place in the record; equal for equal places. */
  readonly place: string;
  /** `.*`: each entry of what is there, under its own name. */
  readonly spread: boolean;
  readonly name: string;
}

/** Identifies a place in a record. */
export const placeOf = (path: FieldPath): string => JSON.stringify(namesOf(path));

/** The root and what follows it. */
export function namesOf(path: FieldPath): readonly string[] {
  if (!('names' in path)) return [path.root];
  return path.root === 'header' ? [path.root, path.name, ...path.names] : [path.root, ...path.names];
}

/**
 * Reads a list of `value.price`, `value.price AS px`, `value.*`, `header.x` ...; `*` alone is `value.*`.
 * @throws ConfigError that names the item
 */
export function parseSelectors(list: string): readonly Selector[] {
  return itemsOf(list).map(parseSelector);
}

/** Names in a list; those with commas or blanks at their ends stand in double quotes. */
export const namesIn = (list: string): readonly string[] => itemsOf(list).map(unquoted);

const itemsOf = (list: string): readonly string[] =>
  splitOutsideQuotes(list, /,/y)
    .map((item) => item.trim())
    .filter((item) => item !== '');

function parseSelector(text: string): Selector {
  const [path = '', alias, ...more] = splitOutsideQuotes(text, /\s+as\s+/iy);
  if (more.length > 0) throw new ConfigError(`'${text}' has more than one AS`);
  const spread = path === '*' || path.endsWith('.*');
  if (spread && alias !== undefined)
    throw new ConfigError(`'${text}' cannot be renamed: with .* each field keeps its own name`);
  const place = path === '*' ? 'value' : spread ? path.slice(0, -2) : path;
  try {
    const reader = fieldReader(place);
    const parsed = parseFieldPath(place);
    return {
      text,
      path: parsed,
      reader,
      place: placeOf(parsed),
      spread,
      name: alias === undefined ? reader.name : unquoted(alias.trim()),
    };
  } catch (error) {
    throw new ConfigError(messageOf(error), { cause: error });
  }
}

function splitOutsideQuotes(text: string, separator: RegExp): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted;
    if (quoted) continue;
    separator.lastIndex = i;
    const match = separator.exec(text);
    if (!match) continue;
    parts.push(text.slice(start, i));
    start = i + match[0].length;
    i = start - 1;
  }
  return [...parts, text.slice(start)];
}

const unquoted = (name: string): string =>
  name.length > 1 && name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
