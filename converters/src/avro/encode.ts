import { DataError, describeValue, getField, isContainer, isInheritedName, type Schema } from '@tributary/api';
import { at, below } from '@tributary/api/json';
import { encodeAnything } from './anything-codec.ts';
import { type AvroNode, primitive, type RecordNode, type UnionNode } from './ast.ts';
import { type Encode, type Misfit, misfitOf, noNull, noPlace, scalarEncoder } from './encode-scalars.ts';
import { avroName, branchField, isMapEntry, isUnionSchema } from './kinds.ts';
import { scrubName } from './names.ts';
import { type AvroOptions, Name } from './options.ts';
import type { Writer } from './writer.ts';

export type { Encode } from './encode-scalars.ts';

const isMissing = (value: unknown): value is null | undefined => value === null || value === undefined;

/**
 * Makes the writer of values of a Connect schema in an Avro schema, once. The Avro schema is its own, or another one that
 * values are to be written with: then fields are found by name.
 * @throws DataError where the Avro schema has no place for the values
 */
export function compileEncoder(schema: Schema | null, node: AvroNode, options: AvroOptions, path = ''): Encode {
  // Literals in headers make lists and maps whose elements have no schema.
  if (schema === null) return encodeAnything;
  if (node.kind === 'union') return intoUnion(schema, node, options, path);
  const encode = plainEncoder(schema, node, options, path);
  return (value, writer) => {
    if (isMissing(value)) throw noNull(schema, path);
    encode(value, writer);
  };
}

function plainEncoder(schema: Schema, node: AvroNode, options: AvroOptions, path: string): Encode {
  switch (schema.type) {
    case 'array':
      if (node.kind !== 'array') throw noPlace(schema, node, path);
      return arrayEncoder(compileEncoder(schema.valueSchema, node.items, options, `${path}[]`), misfitOf(schema, path));
    case 'map':
      return mapEncoder(schema, node, options, path);
    case 'struct':
      if (node.kind !== 'record') throw noPlace(schema, node, path);
      return structEncoder(schema, node, options, path);
    default:
      return scalarEncoder(schema, node, path);
  }
}

function arrayEncoder(encode: Encode, misfit: Misfit): Encode {
  return (value, writer) => {
    if (!Array.isArray(value)) throw misfit(value);
    if (value.length > 0) {
      writer.long(value.length);
      for (const item of value) encode(item, writer);
    }
    writer.long(0);
  };
}

const entriesOf = (value: object): ReadonlyArray<readonly [unknown, unknown]> =>
  value instanceof Map ? [...value] : Object.entries(value);

function mapEncoder(schema: Schema, node: AvroNode, options: AvroOptions, path: string): Encode {
  const entry =
    node.kind === 'map'
      ? textEntry(schema, node.values, options, path)
      : node.kind === 'array' && isMapEntry(node.items)
        ? recordEntry(schema, node.items as RecordNode, options, path)
        : undefined;
  if (!entry) throw noPlace(schema, node, path);
  const misfit = misfitOf(schema, path);
  return (value, writer) => {
    if (!isContainer(value)) throw misfit(value);
    const entries = entriesOf(value);
    if (entries.length > 0) {
      writer.long(entries.length);
      for (const [key, item] of entries) entry(key, item, writer);
    }
    writer.long(0);
  };
}

type WriteEntry = (key: unknown, value: unknown, writer: Writer) => void;

function textEntry(schema: Schema, values: AvroNode, options: AvroOptions, path: string): WriteEntry {
  const encode = compileEncoder(schema.valueSchema, values, options, below(path, '*'));
  return (key, value, writer) => {
    if (typeof key !== 'string') throw new DataError(`A key of the map${at(path)} is ${describeValue(key)}, not text`);
    writer.string(key);
    encode(value, writer);
  };
}

function recordEntry(schema: Schema, entry: RecordNode, options: AvroOptions, path: string): WriteEntry {
  const keyFirst = entry.fields[0]!.name === Name.key;
  const [first, second] = entry.fields.map((field) =>
    field.name === Name.key
      ? compileEncoder(schema.keySchema, field.type, options, `a key of ${path || 'the map'}`)
      : compileEncoder(schema.valueSchema, field.type, options, below(path, '*')),
  );
  return (key, value, writer) => {
    first!(keyFirst ? key : value, writer);
    second!(keyFirst ? value : key, writer);
  };
}

function structEncoder(schema: Schema, node: RecordNode, options: AvroOptions, path: string): Encode {
  const nameInAvro = (name: string): string => (options.scrubInvalidNames ? scrubName(name) : name);
  const fields = new Map(schema.fields.map((field) => [nameInAvro(field.name), field]));
  const parts = node.fields.map((target) => {
    const inner = below(path, target.name);
    const field = fields.get(target.name);
    if (!field) return missingField(target, path);
    const encode = compileEncoder(field.schema, target.type, options, inner);
    const { name } = field;
    const read = isInheritedName(name)
      ? (struct: object): unknown => getField(struct, name)
      : (struct: object): unknown => (struct as Record<string, unknown>)[name];
    const fallback = options.ignoreDefaultForNullables ? undefined : field.schema.default;
    return (struct: object, writer: Writer): void => {
      const value = read(struct);
      encode(isMissing(value) ? fallback : value, writer);
    };
  });
  const misfit = misfitOf(schema, path);
  return (value, writer) => {
    if (!isContainer(value) || value instanceof Map) throw misfit(value);
    for (let i = 0; i < parts.length; i++) parts[i]!(value, writer);
  };
}

/** A field of the Avro schema that the struct has not: null where that may be. */
function missingField(target: RecordNode['fields'][number], path: string): (struct: object, writer: Writer) => void {
  const index = target.type.kind === 'union' ? target.type.branches.findIndex(({ kind }) => kind === 'null') : -1;
  if (index < 0)
    throw new DataError(
      `The Avro schema that values are written with has the field ${below(path, target.name)}, which they have not and which may not be null`,
    );
  return (_struct, writer) => writer.long(index);
}

function intoUnion(schema: Schema, node: UnionNode, options: AvroOptions, path: string): Encode {
  const forNull = node.branches.findIndex(({ kind }) => kind === 'null');
  const encode = isUnionSchema(schema)
    ? unionEncoder(schema, node, options, path)
    : branchEncoder(schema, node, options, path);
  return (value, writer) => {
    if (!isMissing(value)) encode(value, writer);
    else if (forNull < 0) throw noNull(schema, path);
    else writer.long(forNull);
  };
}

/** Writes with the branch that fits the schema: the one of its name, else the first that takes it. */
function branchEncoder(schema: Schema, node: UnionNode, options: AvroOptions, path: string): Encode {
  const name = avroName(schema, options);
  const named = node.branches.findIndex((branch) => 'fullName' in branch && branch.fullName === name);
  let problem: unknown;
  for (const index of named >= 0 ? [named] : node.branches.keys()) {
    const branch = node.branches[index]!;
    if (branch.kind === 'null') continue;
    try {
      const encode = compileEncoder(schema, branch, options, path);
      return (value, writer) => {
        writer.long(index);
        encode(value, writer);
      };
    } catch (error) {
      problem ??= error;
    }
  }
  throw problem ?? noPlace(schema, primitive('null'), path);
}

/** Writes the one field of the struct that is set, with its branch. */
function unionEncoder(schema: Schema, node: UnionNode, options: AvroOptions, path: string): Encode {
  const branches = node.branches.flatMap((branch, index) => (branch.kind === 'null' ? [] : [{ branch, index }]));
  const parts = schema.fields.map(({ name, schema: own }, i) => {
    const found =
      branches.length === schema.fields.length
        ? branches[i]!
        : branches.find(({ branch, index }) => branchField(branch, index, options) === name);
    if (!found) throw new DataError(`The Avro union${at(path)} has no branch for the field ${name}`);
    return { name, index: found.index, encode: compileEncoder(own, found.branch, options, below(path, name)) };
  });
  const forNull = node.branches.findIndex(({ kind }) => kind === 'null');
  return (value, writer) => {
    if (!isContainer(value)) throw new DataError(`Invalid type for a union: ${describeValue(value)}${at(path)}`);
    for (const { name, index, encode } of parts) {
      const item = getField(value, name);
      if (isMissing(item)) continue;
      writer.long(index);
      encode(item, writer);
      return;
    }
    if (forNull < 0) throw noNull(schema, path);
    writer.long(forNull);
  };
}
