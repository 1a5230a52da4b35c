import { DataError, Schema, type SchemaOptions } from '@tributary/api';
import { Fraction, isObjectNode, nodeField } from '@tributary/api/json';
import { compileDecoder } from './decode.ts';
import { Documents, type Located } from './documents.ts';
import {
  CONNECT_INDEX,
  CONNECT_PARAMETERS,
  CONNECT_TYPE,
  CONNECT_VERSION,
  enumParameter,
  GENERAL_UNION,
  GENERAL_UNION_PREFIX,
  MAP_KEY,
  MAP_VALUE,
  NULL_SYMBOL,
  ONE_OF,
  unionFieldPrefix,
} from './names.ts';
import { recursive, type Shape, shapeOf } from './shapes.ts';

export interface ReadSchemaOptions {
  readonly generalizedSumTypes: boolean;
  /** Whether properties that are not required are optional. */
  readonly optionalForNonRequired: boolean;
  /** Whether a choice of one is that one. */
  readonly flattenSingletons: boolean;
}

/**
 * The Connect schema of a JSON Schema.
 * @param references the texts of other schemas by the names that the schema calls them by
 * @param version the version of the Connect schema where the JSON Schema does not tell one
 * @throws DataError for what Connect has no type for, JsonSyntaxError
 */
export function toConnectSchema(
  text: string,
  references: ReadonlyMap<string, string>,
  version: number | null,
  options: ReadSchemaOptions,
): Schema {
  const documents = new Documents(text, references);
  return new Reader(documents, options).schema(documents.root, version, false);
}

/** Makes the schema when it is known what it is called, whether it is optional ... */
type Make = (options: SchemaOptions) => Schema;

const PRIMITIVES: Readonly<Record<string, Make>> = {
  int8: Schema.int8,
  int16: Schema.int16,
  int32: Schema.int32,
  int64: Schema.int64,
  float32: Schema.float32,
  float64: Schema.float64,
  bytes: Schema.bytes,
};

class Reader {
  readonly #documents: Documents;
  readonly #options: ReadSchemaOptions;
  /** The structs that are being read, to find the one that is in itself. */
  readonly #open = new Set<unknown>();
  #unions = 0;

  constructor(documents: Documents, options: ReadSchemaOptions) {
    this.#documents = documents;
    this.#options = options;
  }

  schema(located: Located, version: number | null, optional: boolean): Schema {
    return this.#shape(shapeOf(located, this.#documents), version, optional);
  }

  #shape(shape: Shape, version: number | null, optional: boolean): Schema {
    const { part } = shape;
    switch (part.kind) {
      case 'typed':
        return this.#finish(shape, this.#typed(shape, part.type), version, optional);
      case 'values':
        return this.#finish(shape, enumOf(part.values, this.#options), version, optional);
      case 'choice':
        return this.#choice(shape, part.choices, version, optional);
      case 'all':
        return this.#all(shape, part.parts, version, optional);
      case 'other':
        throw unsupported(part.keyword);
    }
  }

  #finish(shape: Shape, make: Make, version: number | null, optional: boolean): Schema {
    if (shape.bare) return make({ version, optional });
    const { node } = shape;
    const known = make({
      name: (nodeField(node, 'title') as string | undefined) ?? null,
      version: (nodeField(node, CONNECT_VERSION) as number | undefined) ?? version,
      doc: (nodeField(node, 'description') as string | undefined) ?? null,
      parameters: parametersOf(node),
    });
    const given = nodeField(node, 'default');
    const value = given === undefined || given === null ? undefined : compileDecoder(known)(given, true);
    return value === undefined && !optional ? known : Schema.with(known, { default: value, optional });
  }

  #typed(shape: Shape, type: string): Make {
    const connectType = shape.bare ? undefined : nodeField(shape.node, CONNECT_TYPE);
    switch (type) {
      case 'boolean':
        return Schema.boolean;
      case 'integer':
      case 'number': {
        const name = connectType ?? (type === 'integer' ? 'int64' : 'float64');
        const make = PRIMITIVES[String(name)];
        if (!make) throw new DataError(`Unsupported type ${String(name)} in ${CONNECT_TYPE}`);
        return make;
      }
      case 'string':
        return connectType === 'bytes' ? Schema.bytes : Schema.string;
      case 'array':
        return this.#array(shape, connectType === 'map');
      case 'object':
        return connectType === 'map' ? this.#map(shape) : this.#struct(shape);
      default:
        throw unsupported(`"type":"${type}"`);
    }
  }

  #array({ node, base }: Shape, isMap: boolean): Make {
    const items = nodeField(node, 'items');
    if (items === undefined || Array.isArray(items)) throw new DataError('Array schema did not specify the items type');
    const entry = isMap ? shapeOf({ node: items, base }, this.#documents) : undefined;
    if (entry?.part.kind === 'typed' && entry.part.type === 'object' && !entry.referred) {
      const inner = (name: string): Schema => {
        const property = nodeField(nodeField(entry.node, 'properties'), name);
        if (property === undefined) throw new DataError(`The entries of a map have no '${name}'`);
        return this.schema({ node: property, base: entry.base }, null, false);
      };
      const [keys, values] = [inner(MAP_KEY), inner(MAP_VALUE)];
      return (options) => Schema.map(keys, values, options);
    }
    const inner = this.schema({ node: items, base }, null, false);
    return (options) => Schema.array(inner, options);
  }

  #map({ node, base }: Shape): Make {
    const values = nodeField(node, 'additionalProperties');
    if (!isObjectNode(values))
      throw new DataError('The schema of a map has no type of its values (additionalProperties)');
    const inner = this.schema({ node: values, base }, null, false);
    return (options) => Schema.map(Schema.string(), inner, options);
  }

  #struct(shape: Shape): Make {
    const properties = propertiesOf(shape).map((property, i) => ({
      ...property,
      index: (nodeField(property.located.node, CONNECT_INDEX) as number | undefined) ?? i,
    }));
    return this.#fields(
      shape,
      properties.sort((a, b) => a.index - b.index),
    );
  }

  #fields(shape: Shape, properties: readonly Property[]): Make {
    if (this.#open.has(shape.node)) throw recursive();
    this.#open.add(shape.node);
    const fields = properties.map(({ name, located, isRequired }) => {
      const optional = this.#options.optionalForNonRequired && !isRequired;
      return [name, this.schema(located, null, optional)] as const;
    });
    this.#open.delete(shape.node);
    return (options) => Schema.struct(fields, options);
  }

  #choice(shape: Shape, choices: readonly Shape[], version: number | null, optional: boolean): Schema {
    const [only] = choices;
    if (only && choices.length === 1 && this.#options.flattenSingletons) return this.#shape(only, null, optional);
    const { generalizedSumTypes } = this.#options;
    const name = generalizedSumTypes ? `${GENERAL_UNION_PREFIX}${this.#unions++}` : ONE_OF;
    const members = choices.filter(({ part }) => part.kind !== 'typed' || part.type !== 'null');
    const isNullable = members.length < choices.length;
    if (isNullable && choices.length === 2 && members[0]) return this.#shape(members[0], version, true);
    const prefix = unionFieldPrefix(generalizedSumTypes);
    const fields = members.map((member, i) => [`${prefix}${i}`, this.#shape(member, null, true)] as const);
    const make: Make = (options) =>
      Schema.struct(fields, {
        ...options,
        name,
        parameters: generalizedSumTypes ? { [GENERAL_UNION]: name, ...options.parameters } : options.parameters,
      });
    return this.#finish(shape, make, version, optional || isNullable);
  }

  /** What all parts together are: a struct of all properties, or else what the most telling part is. */
  #all(shape: Shape, parts: readonly Shape[], version: number | null, optional: boolean): Schema {
    const [only] = parts;
    if (only && parts.length === 1 && this.#options.flattenSingletons) return this.#shape(only, null, optional);
    const properties = new Map<string, Property>();
    for (const part of parts) collect(part, properties, new Set());
    if (properties.size > 0) return this.#fields(shape, [...properties.values()])({ optional });
    const chosen = mostTelling(parts);
    if (!chosen) throw unsupported('allOf');
    return this.#shape(chosen, version, optional);
  }
}

interface Property {
  readonly name: string;
  readonly located: Located;
  readonly isRequired: boolean;
}

function propertiesOf({ node, base }: Located): Property[] {
  const properties = nodeField(node, 'properties');
  if (!isObjectNode(properties)) return [];
  const required = nodeField(node, 'required');
  const names = new Set(Array.isArray(required) ? required : []);
  return [...(properties instanceof Map ? properties : Object.entries(properties))].map(([name, inner]) => ({
    name: String(name),
    located: { node: inner, base },
    isRequired: names.has(name),
  }));
}

/** The properties of a shape and of all that it is an `all` of; the last of a name counts, at the place of the first. */
function collect(shape: Shape, into: Map<string, Property>, seen: Set<Shape>): void {
  if (seen.has(shape)) return;
  seen.add(shape);
  if (shape.part.kind === 'all') for (const part of shape.part.parts) collect(part, into, seen);
  else if (shape.part.kind === 'typed' && shape.part.type === 'object')
    for (const property of propertiesOf(shape)) into.set(property.name, property);
}

function mostTelling(parts: readonly Shape[]): Shape | undefined {
  const last = (test: (shape: Shape) => boolean): Shape | undefined =>
    parts.findLast((part) => !part.referred && test(part));
  const typed = (...types: string[]) => last(({ part }) => part.kind === 'typed' && types.includes(part.type));
  const combined = last(({ part }) => part.kind === 'all' || part.kind === 'choice');
  if (combined) return combined;
  const [text, number] = [typed('string'), typed('integer', 'number')];
  if (last(({ part }) => part.kind === 'values' && part.isConst)) return text ?? number;
  const values = last(({ part }) => part.kind === 'values');
  if (values) return text ? values : number;
  if (text && nodeField(text.node, 'format') !== undefined) return number ?? text;
  return parts.findLast((part) => part.referred);
}

function enumOf(values: readonly unknown[], { generalizedSumTypes }: ReadSchemaOptions): Make {
  const parameter = enumParameter(generalizedSumTypes);
  const marks: Record<string, string> = { [parameter]: '' };
  values.forEach((value, i) => {
    const symbol = value === null ? NULL_SYMBOL : value instanceof Fraction ? value.text : String(value);
    marks[`${parameter}.${symbol}`] = generalizedSumTypes ? String(i) : symbol;
  });
  return (options) => Schema.string({ ...options, parameters: { ...marks, ...options.parameters } });
}

function parametersOf(node: unknown): Record<string, string> | null {
  const parameters = nodeField(node, CONNECT_PARAMETERS);
  if (!isObjectNode(parameters)) return null;
  const entries = parameters instanceof Map ? [...parameters] : Object.entries(parameters);
  return Object.fromEntries(entries.map(([key, value]) => [String(key), String(value)]));
}

function unsupported(what: string): DataError {
  return new DataError(`Unsupported schema type ${what}: Connect has no type for it`);
}
