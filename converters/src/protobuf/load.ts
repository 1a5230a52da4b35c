import { DataError, messageOf } from '@tributary/api';
import protobuf from 'protobufjs';
import { wellKnownFile } from './well-known.ts';

/** A .proto file with all that it imports. */
export interface LoadedFile {
  readonly package: string | null;
  /** In the order of the file, which messages are known by on the wire. */
  readonly messages: readonly protobuf.Type[];
}

const messagesIn = (namespace: protobuf.NamespaceBase): protobuf.Type[] =>
  namespace.nestedArray.filter((nested) => nested instanceof protobuf.Type);

/**
 * Parses a .proto file.
 * @param references the texts of the files that it imports, by the names it imports them by; well-known ones need not be there
 * @throws DataError for what is no .proto file and for imports that are missing
 */
export function loadProto(text: string, references: ReadonlyMap<string, string>): LoadedFile {
  const root = new protobuf.Root();
  const { package: name, imports } = parse(text, root, 'the schema');
  const scope = name ? (root.lookup(name) as protobuf.NamespaceBase | null) : root;
  // Other files may add to the same package.
  const messages = scope ? messagesIn(scope) : [];
  const open = [...imports];
  const seen = new Set<string>();
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const reference = references.get(file);
    const known = wellKnownFile(file);
    if (reference !== undefined) open.push(...parse(reference, root, file).imports);
    else if (known) root.addJSON(known.nested ?? {});
    else
      throw new DataError(
        `The schema imports '${file}', which is neither among its references in the registry nor well-known. Register it and refer to it.`,
      );
  }
  try {
    root.resolveAll();
  } catch (error) {
    throw new DataError(`The schema is incomplete: ${messageOf(error)}`, { cause: error });
  }
  return { package: name ?? null, messages };
}

function parse(text: string, root: protobuf.Root, what: string) {
  try {
    const { package: name, imports = [], weakImports = [] } = protobuf.parse(text, root, { keepCase: true });
    return { package: name, imports: [...imports, ...weakImports] };
  } catch (error) {
    throw new DataError(`${what} is no .proto file: ${messageOf(error)}`, { cause: error });
  }
}

/** The message at a place in a file. @throws DataError if there is none */
export function messageAt(file: LoadedFile, indexes: readonly number[]): protobuf.Type {
  let messages = file.messages;
  let found: protobuf.Type | undefined;
  for (const index of indexes) {
    found = messages[index];
    messages = found ? messagesIn(found) : [];
  }
  if (found) return found;
  throw new DataError(`The schema has no message at [${indexes.join(', ')}]`);
}

/** A message of a file by its full name, and its place; undefined if there is none. */
export function messageNamed(
  file: LoadedFile,
  fullName: string,
): { readonly type: protobuf.Type; readonly indexes: readonly number[] } | undefined {
  const search = (messages: readonly protobuf.Type[], path: readonly number[]): ReturnType<typeof messageNamed> => {
    for (const [i, type] of messages.entries()) {
      const indexes = [...path, i];
      if (fullNameOf(type) === fullName) return { type, indexes };
      const inner = search(messagesIn(type), indexes);
      if (inner) return inner;
    }
    return undefined;
  };
  return search(file.messages, []);
}

/** Package, messages around it and its own name, with dots between. */
export function fullNameOf(type: protobuf.ReflectionObject): string {
  return type.fullName.replace(/^\./, '');
}

/** What `confluent.field_meta` says of a field: what protobuf has no words for. */
export function paramsOf(field: protobuf.Field): Readonly<Record<string, string>> {
  const options = (field.parsedOptions ?? []) as unknown as ReadonlyArray<Readonly<Record<string, unknown>>>;
  const found: Record<string, string> = {};
  for (const option of options) {
    const meta = option['(confluent.field_meta)'] as { readonly params?: unknown } | undefined;
    for (const entry of [meta?.params ?? []].flat() as ReadonlyArray<{ key?: unknown; value?: unknown }>)
      found[String(entry.key)] = String(entry.value ?? '');
  }
  return found;
}
