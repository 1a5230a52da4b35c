import { ConfigError } from '@tributary/api';

/** What of a record comes from Kafka and not from its key, value or headers. */
export const PLACE_FIELDS = ['__topic', '__partition', '__offset', '__timestamp'] as const;
export type PlaceField = (typeof PLACE_FIELDS)[number];

/** Where in a record a value is. */
export type FieldPath =
  | { readonly root: 'key' | 'value'; readonly names: readonly string[] }
  | { readonly root: 'header'; readonly name: string; readonly names: readonly string[] }
  | { readonly root: PlaceField };

const NAME = /"((?:[^"]|"")*)"|([^."]+)/y;

/**
 * Reads `key`, `key.a.b`, `value`, `value.a.b`, `header.x`, `__topic`, `__partition`, `__offset` or `__timestamp`. Names with dots
 * stand in double quotes, with quotes in them doubled. A path that begins with none of these names a field of the value.
 * @throws ConfigError for a path that cannot be read
 */
export function parseFieldPath(path: string): FieldPath {
  const [first, ...names] = namesOf(path.trim());
  const quoted = path.trim().startsWith('"');
  if (quoted) return { root: 'value', names: [first!, ...names] };
  if ((PLACE_FIELDS as readonly string[]).includes(first!)) {
    if (names.length > 0) throw new ConfigError(`'${path}' cannot be read: ${first} has no fields`);
    return { root: first as PlaceField };
  }
  if (first === 'key' || first === 'value') return { root: first, names };
  if (first === 'header') {
    const [name, ...inner] = names;
    if (name === undefined) throw new ConfigError(`'${path}' names no header: write header.<name>`);
    return { root: 'header', name, names: inner };
  }
  return { root: 'value', names: [first!, ...names] };
}

function namesOf(path: string): readonly string[] {
  const names: string[] = [];
  let at = 0;
  do {
    NAME.lastIndex = at;
    const match = NAME.exec(path);
    if (!match)
      throw new ConfigError(
        `'${path}' is not the path of a field: write value.<field>, key, key.<field>, header.<name> or one of ${PLACE_FIELDS.join(', ')}; names with dots in double quotes`,
      );
    names.push(match[1]?.replaceAll('""', '"') ?? match[2]!.trim());
    at = NAME.lastIndex + 1;
    if (NAME.lastIndex < path.length && path[NAME.lastIndex] !== '.')
      throw new ConfigError(
        `'${path}' is not the path of a field: a dot is expected at character ${NAME.lastIndex + 1}`,
      );
  } while (at <= path.length);
  return names;
}
