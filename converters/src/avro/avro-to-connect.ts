import { DataError, LogicalName, Schema, type SchemaOptions, setField } from '@tributary/api';
import { Fraction } from '@tributary/api/json';
import {
  type AvroNode,
  type EnumNode,
  isNull,
  type Json,
  propsOf,
  type RecordNode,
  simpleName,
  type UnionNode,
} from './ast.ts';
import { connectDefault } from './default-to-connect.ts';
import { branchField, isMapEntry } from './kinds.ts';
import { type AvroOptions, DEFAULT_PRECISION, NAMESPACE, Name, Prop } from './options.ts';
import { jsonEntries } from './schema-json.ts';
import { jsonText } from './schema-text.ts';

/** What a schema is apart from its type; grows while the Avro schema is read. */
interface Draft {
  readonly type: Schema['type'];
  fields: Array<[string, Schema]>;
  keySchema?: Schema;
  valueSchema?: Schema;
  name: string | null;
  version: number | null;
  doc: string | null;
  readonly parameters: Record<string, string>;
  optional: boolean;
  default: unknown;
}

/** Where the schema stands. */
interface Place {
  readonly optional: boolean;
  /** Of the field; undefined without one. */
  readonly default?: Json;
  readonly doc?: string | null;
}

const REQUIRED: Place = { optional: false };
const OPTIONAL: Place = { optional: true };

/** Counts the unions of a converter, for `generalized.sum.type.support`. */
export interface UnionCounter {
  next: number;
}

/**
 * The Connect schema of an Avro schema, as Confluent's AvroData makes it.
 * @param version that of the registry; the schema's own comes first
 * @throws DataError for what Connect has no type for, and for records that contain themselves
 */
export function connectSchemaOf(
  node: AvroNode,
  options: AvroOptions,
  unions: UnionCounter,
  version: number | null,
): Schema {
  return new Mapping(options, unions).schema(node, REQUIRED, version);
}

class Mapping {
  readonly #options: AvroOptions;
  readonly #unions: UnionCounter;
  /** The records that we are inside of. */
  readonly #within = new Set<RecordNode>();

  constructor(options: AvroOptions, unions: UnionCounter) {
    this.#options = options;
    this.#unions = unions;
  }

  schema(node: AvroNode, place: Place, version: number | null = null): Schema {
    if (node.kind === 'union') {
      const only = onlyBranch(node, this.#options);
      if (only) return this.schema(only.branch, { optional: only.optional, doc: place.doc ?? null });
    }
    const draft = this.#draft(node);
    this.#addDoc(draft, node, place.doc ?? null);
    addVersion(draft, propsOf(node).get(Prop.version), version);
    this.#addParameters(draft, node);
    this.#addDefault(draft, node, place.default);
    addName(draft, node);
    if (place.optional) draft.optional = true;
    return built(draft);
  }

  #draft(node: AvroNode): Draft {
    switch (node.kind) {
      case 'boolean':
        return draft('boolean');
      case 'bytes':
      case 'fixed':
        return bytesDraft(node);
      case 'double':
        return draft('float64');
      case 'float':
        return draft('float32');
      case 'int':
        return intDraft(node.props);
      case 'long':
        return logicalType(node.props) === 'timestamp-millis'
          ? logical('int64', LogicalName.timestamp)
          : draft('int64');
      case 'string':
        return draft('string');
      case 'array':
        return isMapEntry(node.items)
          ? this.#entries(node.items as RecordNode)
          : { ...draft('array'), valueSchema: this.schema(node.items, REQUIRED) };
      case 'map':
        return { ...draft('map'), keySchema: Schema.string(), valueSchema: this.schema(node.values, REQUIRED) };
      case 'record':
        return this.#record(node);
      case 'enum':
        return this.#enum(node);
      case 'union':
        return this.#union(node);
      case 'null':
        throw new DataError('Standalone null schemas are not supported by this converter');
    }
  }

  #entries(entry: RecordNode): Draft {
    const key = entry.fields.find(({ name }) => name === Name.key);
    const value = entry.fields.find(({ name }) => name === Name.value);
    if (entry.fields.length !== 2 || !key || !value)
      throw new DataError(
        'Found map encoded as array of key-value pairs, but array elements do not match the expected format.',
      );
    return {
      ...draft('map'),
      keySchema: this.schema(key.type, REQUIRED),
      valueSchema: this.schema(value.type, REQUIRED),
    };
  }

  #record(node: RecordNode): Draft {
    if (this.#within.has(node)) {
      throw new DataError(
        `The record ${node.fullName} contains itself, which schemas here cannot: read the topic with ByteArrayConverter, or change the schema`,
      );
    }
    this.#within.add(node);
    const struct = draft('struct');
    const withDocs = this.#options.connectMetaData && !this.#options.discardTypeDocDefault;
    if (withDocs && node.doc !== null) struct.parameters[Prop.avroRecordDoc] = node.doc;
    for (const field of node.fields) {
      if (withDocs && field.doc !== null) struct.parameters[Prop.avroFieldDocPrefix + field.name] = field.doc;
      const schema = this.schema(field.type, { optional: false, default: field.default, doc: field.doc });
      struct.fields.push([field.name, this.#withFieldParameters(schema, field.props.get(Prop.parameters))]);
    }
    this.#within.delete(node);
    return struct;
  }

  #withFieldParameters(schema: Schema, parameters: Json): Schema {
    if (!this.#options.connectMetaData || typeof parameters !== 'object' || parameters === null) return schema;
    const own: Record<string, string> = {};
    for (const [key, value] of jsonEntries(parameters)) setField(own, key, plainText(value));
    const same = Object.entries(own).every(([key, value]) => schema.parameters?.[key] === value);
    return same ? schema : Schema.with(schema, { parameters: { ...schema.parameters, ...own } });
  }

  #enum(node: EnumNode): Draft {
    const { connectMetaData, discardTypeDocDefault, generalizedSumTypes } = this.#options;
    const text = draft('string');
    const simple = simpleName(node.fullName);
    if (connectMetaData && node.doc !== null)
      text.parameters[discardTypeDocDefault ? Prop.enumDoc : Prop.avroEnumDocPrefix + simple] = node.doc;
    if (connectMetaData && !discardTypeDocDefault && node.default !== null)
      text.parameters[Prop.avroEnumDefaultPrefix + simple] = node.default;
    const key = generalizedSumTypes ? Name.generalEnum : Name.enum;
    text.parameters[key] = node.fullName;
    node.symbols.forEach((symbol, i) => {
      text.parameters[`${key}.${symbol}`] = generalizedSumTypes ? String(i) : symbol;
    });
    return text;
  }

  #union(node: UnionNode): Draft {
    const { generalizedSumTypes } = this.#options;
    const name = generalizedSumTypes ? `${Name.generalUnionPrefix}${this.#unions.next++}` : Name.union;
    const struct = { ...draft('struct'), name };
    if (generalizedSumTypes) struct.parameters[Name.generalUnion] = name;
    node.branches.forEach((branch, i) => {
      if (branch.kind === 'null') {
        struct.optional = true;
        return;
      }
      const field = branchField(branch, i, this.#options);
      if (struct.fields.some(([other]) => other === field))
        throw new DataError(
          `Multiple union schemas map to the Connect union field name ${field}: set enhanced.avro.schema.support=true, which tells them apart by their namespaces`,
        );
      struct.fields.push([field, this.schema(branch, OPTIONAL)]);
    });
    return struct;
  }

  #addDoc(draft: Draft, node: AvroNode, placeDoc: string | null): void {
    const doc = propsOf(node).get(Prop.doc);
    const connectDoc = typeof doc === 'string' ? doc : null;
    if (!this.#options.discardTypeDocDefault) {
      if (this.#options.connectMetaData) draft.doc = connectDoc;
      return;
    }
    const own = 'doc' in node ? node.doc : null;
    draft.doc = placeDoc ?? own ?? connectDoc;
    if (this.#options.connectMetaData && own !== null) draft.parameters[Prop.recordDoc] = own;
  }

  #addParameters(draft: Draft, node: AvroNode): void {
    const parameters = propsOf(node).get(Prop.parameters);
    if (this.#options.connectMetaData && parameters !== undefined && parameters !== null) {
      if (typeof parameters !== 'object' || Array.isArray(parameters) || parameters instanceof Fraction)
        throw new DataError(`Expected JSON object for schema parameters but found: ${jsonText(parameters)}`);
      for (const [key, value] of jsonEntries(parameters)) {
        if (typeof value !== 'string')
          throw new DataError(`Expected schema parameter values to be strings but found: ${jsonText(value)}`);
        setField(draft.parameters, key, value);
      }
    }
    for (const [key, value] of propsOf(node)) {
      if (key.startsWith(Prop.avroPrefix)) draft.parameters[key] = plainText(value);
    }
  }

  #addDefault(draft: Draft, node: AvroNode, fieldDefault: Json): void {
    const { connectMetaData, discardTypeDocDefault } = this.#options;
    const own = propsOf(node).get(Prop.default);
    if (fieldDefault !== undefined && !discardTypeDocDefault && connectMetaData && own === undefined)
      draft.parameters[Prop.avroFieldDefault] = 'true';
    const json = fieldDefault ?? own;
    if (json === undefined || json === null) return;
    // What is no value of the type is no default, as in Java.
    draft.default = connectDefault(built({ ...draft, default: undefined }), node, json, this.#options);
  }
}

/** The branch that a union stands for that has one but for the null. */
function onlyBranch(node: UnionNode, options: AvroOptions): { branch: AvroNode; optional: boolean } | undefined {
  const { branches } = node;
  if (branches.length === 1 && options.flattenSingletonUnions) return { branch: branches[0]!, optional: false };
  if (branches.length !== 2 || !branches.some(isNull)) return undefined;
  const branch = branches.find((one) => !isNull(one));
  return branch && { branch, optional: true };
}

const draft = (type: Draft['type']): Draft => ({
  type,
  fields: [],
  name: null,
  version: null,
  doc: null,
  parameters: {},
  optional: false,
  default: undefined,
});

const logical = (type: Draft['type'], name: string): Draft => ({ ...draft(type), name, version: 1 });

const logicalType = (props: ReadonlyMap<string, Json>): string | null => {
  const type = props.get(Prop.logicalType);
  return typeof type === 'string' ? type.toLowerCase() : null;
};

function intDraft(props: ReadonlyMap<string, Json>): Draft {
  switch (logicalType(props)) {
    case 'date':
      return logical('int32', LogicalName.date);
    case 'time-millis':
      return logical('int32', LogicalName.time);
    case null:
      break;
    default:
      return draft('int32');
  }
  const type = props.get(Prop.type);
  if (typeof type !== 'string') return draft('int32');
  if (type === 'int8' || type === 'int16') return draft(type);
  throw new DataError(`Connect type annotation for Avro int field is ${type}, which is neither int8 nor int16`);
}

function bytesDraft(node: Extract<AvroNode, { kind: 'bytes' | 'fixed' } | { kind: string }>): Draft {
  const props = propsOf(node);
  let bytes = draft('bytes');
  if (logicalType(props) === 'decimal') {
    const scale = props.get(Prop.scale);
    bytes = logical('bytes', LogicalName.decimal);
    bytes.parameters[Prop.scale] = typeof scale === 'number' ? String(scale) : '0';
    const precision = props.get(Prop.precision);
    if (precision !== undefined && typeof precision !== 'number')
      throw new DataError(`precision property must be a JSON Integer, but is ${jsonText(precision)}`);
    if (precision !== undefined && precision !== DEFAULT_PRECISION)
      bytes.parameters[Prop.decimalPrecision] = String(precision);
  }
  if (node.kind === 'fixed') bytes.parameters[Prop.fixedSize] = String(node.size);
  return bytes;
}

function addVersion(draft: Draft, own: Json, ofRegistry: number | null): void {
  if (own !== undefined && typeof own !== 'number')
    throw new DataError(`Invalid Connect version found: ${jsonText(own)}`);
  if (own !== undefined && draft.version !== null && own !== draft.version)
    throw new DataError(
      `Mismatched versions: version already added to SchemaBuilder (${draft.version}) differs from version in source schema (${own})`,
    );
  draft.version ??= own ?? ofRegistry;
}

function addName(draft: Draft, node: AvroNode): void {
  const own = propsOf(node).get(Prop.name);
  if (own !== undefined && typeof own !== 'string') throw new DataError(`Invalid schema name: ${jsonText(own)}`);
  const name = own ?? typeName(draft, node);
  if (name === null || name.startsWith(`${NAMESPACE}.${Name.defaultRecord}`)) return;
  if (draft.name !== null && draft.name !== name)
    throw new DataError(
      `Mismatched names: name already added to SchemaBuilder (${draft.name}) differs from name in source schema (${name})`,
    );
  draft.name = name;
}

function typeName(draft: Draft, node: AvroNode): string | null {
  if (node.kind === 'record' || node.kind === 'enum') return node.fullName;
  return node.kind === 'fixed' && draft.name !== LogicalName.decimal ? node.fullName : null;
}

/** As Java prints an attribute: text as it is. */
const plainText = (json: Json): string => (typeof json === 'string' ? json : jsonText(json));

function built(draft: Draft): Schema {
  const options: SchemaOptions = {
    optional: draft.optional,
    name: draft.name,
    version: draft.version,
    doc: draft.doc,
    parameters: Object.keys(draft.parameters).length > 0 ? draft.parameters : null,
    default: draft.default,
  };
  switch (draft.type) {
    case 'array':
      return Schema.array(draft.valueSchema!, options);
    case 'map':
      return Schema.map(draft.keySchema!, draft.valueSchema!, options);
    case 'struct':
      return Schema.struct(draft.fields, options);
    default:
      return Schema[draft.type](options);
  }
}
