import { DataError, decimalScale, LogicalName, Schema, schemaEquals } from '@tributary/api';
import { ANYTHING } from './anything.ts';
import {
  type AvroField,
  type AvroNode,
  type EnumNode,
  type Json,
  type PrimitiveKind,
  type Props,
  primitive,
  type RecordNode,
  simpleName,
  type UnionNode,
  union,
} from './ast.ts';
import { avroDefault, isValidDefault } from './default-to-avro.ts';
import {
  avroName,
  hasTextKeys,
  isDecimalSchema,
  isEnumSchema,
  isFixedSchema,
  isUnionSchema,
  parameter,
} from './kinds.ts';
import { checkName, scrubName, splitFullName } from './names.ts';
import { type AvroOptions, DEFAULT_PRECISION, NAMESPACE, Name, Prop } from './options.ts';
import { sameShape } from './schema-text.ts';

const PRIMITIVES = {
  int8: 'int',
  int16: 'int',
  int32: 'int',
  int64: 'long',
  float32: 'float',
  float64: 'double',
  boolean: 'boolean',
  string: 'string',
  bytes: 'bytes',
} as const satisfies Partial<Record<Schema['type'], PrimitiveKind>>;

/** The Avro schema of a Connect schema, as Confluent's AvroData makes it. @throws DataError for what Avro has no way to say */
export function avroSchemaOf(schema: Schema | null, options: AvroOptions): AvroNode {
  return schema === null ? ANYTHING : new Mapping(options).node(schema, false);
}

const nonOptional = (schema: Schema): Schema => (schema.optional ? Schema.with(schema, { optional: false }) : schema);

class Mapping {
  readonly #options: AvroOptions;
  /** What was mapped already, by type: an equal schema is the same type and needs no second name. */
  readonly #mapped = new Map<string, Array<{ readonly schema: Schema; readonly node: AvroNode }>>();
  readonly #seenFieldTypes = new Set<string>();
  readonly #mapEntries: RecordNode[] = [];
  #unnamed = 0;

  constructor(options: AvroOptions) {
    this.#options = options;
  }

  /** @param ignoreOptional whether it stands in a union that has the null already */
  node(schema: Schema, ignoreOptional: boolean): AvroNode {
    if (schema.optional || isUnionSchema(schema)) return this.#build(schema, ignoreOptional);
    const key = `${schema.type} ${schema.name}`;
    const known = this.#mapped.get(key)?.find((entry) => schemaEquals(entry.schema, schema));
    if (known) return known.node;
    const node = this.#build(schema, ignoreOptional);
    const mapped = this.#mapped.get(key);
    if (mapped) mapped.push({ schema, node });
    else this.#mapped.set(key, [{ schema, node }]);
    return node;
  }

  #build(schema: Schema, ignoreOptional: boolean): AvroNode {
    if (isUnionSchema(schema)) return this.#union(schema);
    if (schema.type === 'struct' && schema.optional) {
      return union(primitive('null'), this.node(nonOptional(schema), false));
    }
    const node = this.#base(schema);
    this.#annotate(schema, node.props);
    if (ignoreOptional || !schema.optional) return node;
    // A default must be a value of the first branch.
    const hasDefault = schema.default !== undefined && schema.default !== null;
    return hasDefault ? union(node, primitive('null')) : union(primitive('null'), node);
  }

  #union(schema: Schema): UnionNode {
    const branches = schema.fields.map((field) => this.node(nonOptional(field.schema), true));
    return union(...(schema.optional ? [primitive('null')] : []), ...branches);
  }

  #base(schema: Schema): Exclude<AvroNode, UnionNode> {
    switch (schema.type) {
      case 'array':
        return { kind: 'array', items: this.#inner(schema.valueSchema), props: new Map() };
      case 'map':
        return hasTextKeys(schema, this.#options)
          ? { kind: 'map', values: this.#inner(schema.valueSchema), props: new Map() }
          : { kind: 'array', items: this.#entries(schema), props: new Map() };
      case 'struct':
        return this.#record(schema);
      case 'string':
        return this.#enum(schema) ?? primitive('string');
      case 'bytes':
        return this.#bytes(schema);
      default:
        return primitive(PRIMITIVES[schema.type]);
    }
  }

  /** Literals in headers make lists and maps whose elements have no schema. */
  #inner(schema: Schema | null): AvroNode {
    return schema === null ? ANYTHING : this.node(schema, false);
  }

  #bytes(schema: Schema): Exclude<AvroNode, UnionNode> {
    const props: Props = new Map();
    if (isDecimalSchema(schema)) {
      props.set(Prop.scale, decimalScale(schema));
      props.set(Prop.precision, precisionOf(schema));
    }
    if (!isFixedSchema(schema)) return { kind: 'bytes', props };
    const size = Number(parameter(schema, Prop.fixedSize));
    if (!Number.isInteger(size) || size < 0)
      throw new DataError(`The parameter ${Prop.fixedSize} of schema ${schema.name} is no size`);
    return { kind: 'fixed', fullName: this.#name(schema), aliases: [], doc: null, size, props };
  }

  #enum(schema: Schema): EnumNode | null {
    if (!isEnumSchema(schema) || !(this.#options.generalizedSumTypes || this.#options.enhancedSchemas)) return null;
    const key = this.#options.generalizedSumTypes ? Name.generalEnum : Name.enum;
    const fullName = parameter(schema, key);
    // An enum by the other key: it stays the text that it is.
    if (fullName === null) return null;
    const simple = simpleName(this.#name(schema));
    checkName(simpleName(fullName), 'The enum');
    const symbols = Object.keys(schema.parameters!).flatMap((name) =>
      name.startsWith(`${key}.`) ? [checkName(name.slice(key.length + 1), 'The enum symbol')] : [],
    );
    const { discardTypeDocDefault } = this.#options;
    return {
      kind: 'enum',
      fullName,
      aliases: [],
      symbols,
      doc: parameter(schema, discardTypeDocDefault ? Prop.enumDoc : Prop.avroEnumDocPrefix + simple),
      default: discardTypeDocDefault ? null : parameter(schema, Prop.avroEnumDefaultPrefix + simple),
      props: new Map(),
    };
  }

  #name(schema: Schema): string {
    if (schema.name === null) {
      this.#unnamed++;
      return `${NAMESPACE}.${Name.defaultRecord}${this.#unnamed > 1 ? this.#unnamed : ''}`;
    }
    const { namespace, name } = splitFullName(schema.name, this.#options.scrubInvalidNames);
    checkName(name, 'The name of the schema');
    return namespace === null ? name : `${namespace}.${name}`;
  }

  #entries(schema: Schema): RecordNode {
    const named = schema.name === null ? null : this.#name(schema);
    const fields = [this.#field(Name.key, schema.keySchema, null), this.#field(Name.value, schema.valueSchema, null)];
    const entry: RecordNode = {
      kind: 'record',
      fullName: named ?? `${NAMESPACE}.${Name.mapEntry}`,
      aliases: [],
      doc: null,
      fields,
      props: new Map(),
    };
    const index = named === null ? this.#indexOfEntry(entry) : 0;
    if (named !== null || index > 0) entry.props.set(Prop.internalType, Name.mapEntry);
    return index === 0 ? entry : { ...entry, fullName: `${entry.fullName}${index + 1}` };
  }

  /** Entries of other types need another name than the first ones; Java gives them the same, and then cannot read them. */
  #indexOfEntry(entry: RecordNode): number {
    const known = this.#mapEntries.findIndex((other) => sameShape(other, entry));
    return known >= 0 ? known : this.#mapEntries.push(entry) - 1;
  }

  #record(schema: Schema): RecordNode {
    const { discardTypeDocDefault, scrubInvalidNames } = this.#options;
    const record: RecordNode = {
      kind: 'record',
      fullName: this.#name(schema),
      aliases: [],
      doc: parameter(schema, discardTypeDocDefault ? Prop.recordDoc : Prop.avroRecordDoc),
      fields: [],
      props: new Map(),
    };
    const names = new Set<string>();
    for (const field of schema.fields) {
      const name = checkName(scrubInvalidNames ? scrubName(field.name) : field.name, 'The field');
      if (names.has(name))
        throw new DataError(
          `Two fields of ${record.fullName} have the name ${name} in Avro: rename one with a transform`,
        );
      names.add(name);
      const doc = discardTypeDocDefault ? null : parameter(schema, Prop.avroFieldDocPrefix + field.name);
      record.fields.push(this.#field(name, field.schema, doc));
    }
    return record;
  }

  #field(name: string, schema: Schema | null, doc: string | null): AvroField {
    const field = { name, order: null, aliases: [] };
    if (schema === null) return { ...field, type: ANYTHING, doc, default: undefined, props: new Map() };
    const seen = this.#wasSeen(schema);
    const type = this.node(schema, false);
    const wanted: Json =
      schema.default !== undefined && schema.default !== null
        ? avroDefault(schema, schema.default, this.#options)
        : schema.optional
          ? null
          : undefined;
    return {
      ...field,
      type,
      doc: this.#options.discardTypeDocDefault ? schema.doc : doc,
      default: isValidDefault(type, wanted) ? wanted : undefined,
      props: seen && isNamedType(type) ? this.#fieldParameters(schema) : new Map(),
    };
  }

  /** Whether a type of this name was in another field before, so that its parameters have to stand at this field. */
  #wasSeen(schema: Schema): boolean {
    const name = avroName(schema, this.#options);
    if (name === null) return false;
    const seen = this.#seenFieldTypes.has(name);
    this.#seenFieldTypes.add(name);
    return seen;
  }

  #fieldParameters(schema: Schema): Props {
    const parameters = this.#options.connectMetaData ? this.#parameters(schema) : new Map();
    return parameters.size === 0 ? new Map() : new Map([[Prop.parameters, parameters]]);
  }

  #parameters(schema: Schema): Map<string, string> {
    const entries = Object.entries(schema.parameters ?? {});
    return new Map(entries.filter(([key]) => this.#options.discardTypeDocDefault || key !== Prop.avroFieldDefault));
  }

  /** Adds what Avro has no place for. */
  #annotate(schema: Schema, props: Props): void {
    if (this.#options.connectMetaData) {
      if (schema.doc !== null) props.set(Prop.doc, schema.doc);
      if (schema.version !== null) props.set(Prop.version, schema.version);
      const parameters = this.#parameters(schema);
      if (parameters.size > 0) props.set(Prop.parameters, parameters);
      const fromAvro = parameter(schema, Prop.avroFieldDefault) !== null && !this.#options.discardTypeDocDefault;
      if (schema.default !== undefined && schema.default !== null && !fromAvro)
        props.set(Prop.default, avroDefault(schema, schema.default, this.#options));
      if (schema.name !== null) props.set(Prop.name, schema.name);
      if (schema.type === 'int8' || schema.type === 'int16') props.set(Prop.type, schema.type);
    }
    const logical = logicalTypeOf(schema);
    if (logical !== null) props.set(Prop.logicalType, logical);
    for (const [key, value] of Object.entries(schema.parameters ?? {})) {
      if (key.startsWith(Prop.avroPrefix)) props.set(key, value);
    }
  }
}

function isNamedType(node: AvroNode): boolean {
  if (node.kind === 'union') return node.branches.some(isNamedType);
  return node.kind === 'record' || node.kind === 'enum' || node.kind === 'fixed';
}

function precisionOf(schema: Schema): number {
  return Number(parameter(schema, Prop.decimalPrecision) ?? DEFAULT_PRECISION);
}

function logicalTypeOf(schema: Schema): string | null {
  switch (schema.name) {
    case LogicalName.decimal:
      return 'decimal';
    case LogicalName.date:
      return 'date';
    case LogicalName.time:
      return 'time-millis';
    case LogicalName.timestamp:
      return 'timestamp-millis';
    default:
      return null;
  }
}
