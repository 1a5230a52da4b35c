import { DataError } from '@tributary/api';
import { Fraction } from '@tributary/api/json';
import { float64ToString } from '@tributary/api/text';
import type { AvroField, AvroNode, EnumNode, FixedNode, Json, Props, RecordNode } from './ast.ts';
import { namespaceOf, simpleName } from './ast.ts';
import { jsonEntries } from './schema-json.ts';

type NamedNode = RecordNode | EnumNode | FixedNode;

/**
 * The JSON text of a schema, attribute by attribute as Avro's Java library writes it, so that a registry takes it for the same.
 * @throws DataError where two different types have one name
 */
export function schemaText(node: AvroNode): string {
  return new Printer().node(node, null);
}

/** A JSON string in Avro's spelling: escapes in capitals, and only where JSON asks for them. */
function quote(text: string): string {
  const json = JSON.stringify(text);
  // Matching every escape keeps an escaped backslash before a 'u' apart.
  return json.includes('\\u')
    ? json.replace(/\\(?:u[\da-f]{4}|.)/g, (found) => (found[1] === 'u' ? `\\u${found.slice(2).toUpperCase()}` : found))
    : json;
}

/** The JSON text of a value inside a schema. */
export function jsonText(json: Json): string {
  if (typeof json === 'string') return quote(json);
  if (typeof json === 'number') return Number.isSafeInteger(json) ? String(json) : float64ToString(json);
  if (json instanceof Fraction) return json.text;
  if (Array.isArray(json)) return `[${json.map(jsonText).join()}]`;
  if (typeof json === 'object' && json !== null) {
    return `{${Array.from(jsonEntries(json), ([key, value]) => `${quote(key)}:${jsonText(value)}`).join()}}`;
  }
  return String(json);
}

class Printer {
  readonly #known = new Map<string, NamedNode>();

  node(node: AvroNode, namespace: string | null): string {
    switch (node.kind) {
      case 'union':
        return `[${node.branches.map((branch) => this.node(branch, namespace)).join()}]`;
      case 'array':
        return `{"type":"array","items":${this.node(node.items, namespace)}${attributes(node.props)}}`;
      case 'map':
        return `{"type":"map","values":${this.node(node.values, namespace)}${attributes(node.props)}}`;
      case 'record':
      case 'enum':
      case 'fixed':
        return this.#named(node, namespace);
      default:
        return node.props.size === 0 ? quote(node.kind) : `{"type":${quote(node.kind)}${attributes(node.props)}}`;
    }
  }

  #named(node: NamedNode, namespace: string | null): string {
    const own = namespaceOf(node.fullName);
    const known = this.#known.get(node.fullName);
    if (known) {
      if (!sameShape(known, node)) {
        throw new DataError(
          `Two different types of the schema have the name ${node.fullName}: give the structs names of their own, with the transform SetSchemaMetadata or where they are made`,
        );
      }
      return quote(own === namespace ? simpleName(node.fullName) : node.fullName);
    }
    this.#known.set(node.fullName, node);
    let text = `{"type":"${node.kind}","name":${quote(simpleName(node.fullName))}`;
    if (own !== namespace) text += `,"namespace":${quote(own ?? '')}`;
    if (node.doc !== null) text += `,"doc":${quote(node.doc)}`;
    if (node.kind === 'record') text += `,"fields":[${node.fields.map((field) => this.#field(field, own)).join()}]`;
    else if (node.kind === 'enum') {
      text += `,"symbols":[${node.symbols.map(quote).join()}]`;
      if (node.default !== null) text += `,"default":${quote(node.default)}`;
    } else text += `,"size":${node.size}`;
    return `${text}${attributes(node.props)}${aliases(node.aliases)}}`;
  }

  #field(field: AvroField, namespace: string | null): string {
    let text = `{"name":${quote(field.name)},"type":${this.node(field.type, namespace)}`;
    if (field.doc !== null) text += `,"doc":${quote(field.doc)}`;
    if (field.default !== undefined) text += `,"default":${jsonText(field.default)}`;
    if (field.order !== null) text += `,"order":${quote(field.order)}`;
    return `${text}${aliases(field.aliases)}${attributes(field.props)}}`;
  }
}

const attributes = (props: Props): string =>
  Array.from(props, ([name, value]) => `,${quote(name)}:${jsonText(value)}`).join('');

const aliases = (names: readonly string[]): string =>
  names.length === 0 ? '' : `,"aliases":[${names.map(quote).join()}]`;

/** Whether values of both have the same bytes: names, docs of fields and properties aside. */
export function sameShape(a: AvroNode, b: AvroNode, within: ReadonlySet<string> = new Set()): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'union': {
      const { branches } = b as typeof a;
      return (
        a.branches.length === branches.length &&
        a.branches.every((branch, i) => sameShape(branch, branches[i]!, within))
      );
    }
    case 'array':
      return sameShape(a.items, (b as typeof a).items, within);
    case 'map':
      return sameShape(a.values, (b as typeof a).values, within);
    case 'fixed':
      return a.size === (b as typeof a).size;
    case 'enum':
      return a.symbols.join() === (b as typeof a).symbols.join();
    case 'record': {
      if (within.has(a.fullName)) return a.fullName === (b as typeof a).fullName;
      const inside = new Set(within).add(a.fullName);
      const { fields } = b as typeof a;
      return (
        a.fields.length === fields.length &&
        a.fields.every((field, i) => field.name === fields[i]!.name && sameShape(field.type, fields[i]!.type, inside))
      );
    }
    default:
      return true;
  }
}
