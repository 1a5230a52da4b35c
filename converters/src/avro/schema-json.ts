import { DataError, messageOf } from '@tributary/api';
import { nodeField, parseExactJson } from '@tributary/api/json';
import type { AvroField, AvroNode, Json, PrimitiveKind, Props, RecordNode } from './ast.ts';
import { namespaceOf, primitive } from './ast.ts';

const PRIMITIVES: ReadonlySet<string> = new Set<PrimitiveKind>([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);

/** The attributes that Avro itself has, by where they stand; all others are kept as properties. */
const RESERVED: Readonly<Record<string, ReadonlySet<string>>> = {
  array: new Set(['type', 'items']),
  map: new Set(['type', 'values']),
  enum: new Set(['type', 'name', 'namespace', 'doc', 'aliases', 'symbols', 'default']),
  fixed: new Set(['type', 'name', 'namespace', 'doc', 'aliases', 'size']),
  record: new Set(['type', 'name', 'namespace', 'doc', 'aliases', 'fields']),
  field: new Set(['type', 'name', 'doc', 'default', 'order', 'aliases']),
  primitive: new Set(['type']),
};

/**
 * Reads a schema as it stands in the registry.
 * @param referenced texts of schemas whose types it uses, those first that others use
 * @throws DataError for what is no Avro schema
 */
export function parseSchema(text: string, referenced: readonly string[] = []): AvroNode {
  const parser = new SchemaParser();
  for (const other of referenced) parser.parse(other);
  return parser.parse(text);
}

export const jsonEntries = (json: object): Iterable<[string, Json]> =>
  json instanceof Map ? json : Object.entries(json);

class SchemaParser {
  readonly #types = new Map<string, AvroNode>();

  parse(text: string): AvroNode {
    let json: Json;
    try {
      // Avro's own text of a primitive schema may stand without quotes.
      json = PRIMITIVES.has(text.trim()) ? text.trim() : parseExactJson(text, true);
    } catch (error) {
      throw new DataError(`The Avro schema is not JSON: ${messageOf(error)}`, { cause: error });
    }
    return this.#node(json, null);
  }

  #node(json: Json, namespace: string | null): AvroNode {
    if (typeof json === 'string') return this.#named(json, namespace);
    if (Array.isArray(json)) return { kind: 'union', branches: json.map((branch) => this.#node(branch, namespace)) };
    const type = nodeField(json, 'type');
    if (typeof json !== 'object' || json === null || type === undefined) {
      throw new DataError('Not an Avro schema: a type is missing');
    }
    if (typeof type !== 'string') return this.#node(type, namespace);
    switch (type) {
      case 'array':
        return { kind: 'array', items: this.#node(nodeField(json, 'items'), namespace), props: props(json, 'array') };
      case 'map':
        return { kind: 'map', values: this.#node(nodeField(json, 'values'), namespace), props: props(json, 'map') };
      case 'enum': {
        const symbols = nodeField(json, 'symbols');
        if (!Array.isArray(symbols)) throw new DataError('Not an Avro schema: an enum has no symbols');
        const enumDefault = textOf(json, 'default');
        return this.#define(namespace, json, 'enum', (named) => ({
          kind: 'enum',
          ...named,
          symbols: symbols.map(String),
          default: enumDefault,
        }));
      }
      case 'fixed':
        return this.#define(namespace, json, 'fixed', (named) => ({
          kind: 'fixed',
          ...named,
          size: Number(nodeField(json, 'size')),
        }));
      case 'record':
      case 'error':
        return this.#record(json, namespace);
      default:
        return PRIMITIVES.has(type)
          ? { kind: type as PrimitiveKind, props: props(json, 'primitive') }
          : this.#named(type, namespace);
    }
  }

  #record(json: object, namespace: string | null): RecordNode {
    const record = this.#define(
      namespace,
      json,
      'record',
      (named): RecordNode => ({ kind: 'record', ...named, fields: [] }),
    );
    const fields = nodeField(json, 'fields');
    if (!Array.isArray(fields)) throw new DataError(`Not an Avro schema: record ${record.fullName} has no fields`);
    const inner = namespaceOf(record.fullName);
    for (const field of fields) record.fields.push(this.#field(field, inner));
    return record;
  }

  #field(json: Json, namespace: string | null): AvroField {
    const name = textOf(json, 'name');
    if (name === null) throw new DataError('Not an Avro schema: a field has no name');
    return {
      name,
      type: this.#node(nodeField(json, 'type'), namespace),
      doc: textOf(json, 'doc'),
      default: nodeField(json, 'default'),
      order: textOf(json, 'order'),
      aliases: aliases(json, null),
      props: props(json as object, 'field'),
    };
  }

  #define<T extends AvroNode>(
    namespace: string | null,
    json: object,
    kind: string,
    make: (named: { fullName: string; doc: string | null; aliases: readonly string[]; props: Props }) => T,
  ): T {
    const name = textOf(json, 'name');
    if (name === null) throw new DataError(`Not an Avro schema: a type of kind ${kind} has no name`);
    const own = textOf(json, 'namespace') ?? namespace;
    const fullName = qualified(name, own);
    if (this.#types.has(fullName)) throw new DataError(`Not an Avro schema: type ${fullName} is defined twice`);
    const node = make({
      fullName,
      doc: textOf(json, 'doc'),
      aliases: aliases(json, namespaceOf(fullName)),
      props: props(json, kind),
    });
    this.#types.set(fullName, node);
    return node;
  }

  #named(name: string, namespace: string | null): AvroNode {
    if (PRIMITIVES.has(name)) return primitive(name as PrimitiveKind);
    const found = this.#types.get(qualified(name, namespace)) ?? this.#types.get(name);
    if (found) return found;
    throw new DataError(`Not an Avro schema: type ${name} is not defined`);
  }
}

function qualified(name: string, namespace: string | null): string {
  return name.includes('.') || namespace === null || namespace === '' ? name : `${namespace}.${name}`;
}

function textOf(json: Json, name: string): string | null {
  const value = nodeField(json, name);
  return typeof value === 'string' ? value : null;
}

function aliases(json: Json, namespace: string | null): readonly string[] {
  const list = nodeField(json, 'aliases');
  return Array.isArray(list) ? list.map((alias) => qualified(String(alias), namespace)) : [];
}

function props(json: object, kind: string): Props {
  const found: Props = new Map();
  for (const [key, value] of jsonEntries(json)) if (!RESERVED[kind]!.has(key)) found.set(key, value);
  return found;
}
