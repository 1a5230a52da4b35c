import { LogicalName, type Schema } from '@tributary/api';
import { type AvroNode, namespaceOf, propsOf, simpleName } from './ast.ts';
import { scrubFullName, splitFullName } from './names.ts';
import { type AvroOptions, NAMESPACE, Name, Prop } from './options.ts';

/** Whether a struct stands for a union: of its fields at most one is set. */
export const isUnionSchema = (schema: Schema): boolean =>
  schema.type === 'struct' && (schema.name === Name.union || has(schema, Name.generalUnion));

export const isEnumSchema = (schema: Schema): boolean =>
  schema.type === 'string' && (has(schema, Name.generalEnum) || has(schema, Name.enum));

export const isFixedSchema = (schema: Schema): boolean =>
  schema.type === 'bytes' && schema.name !== null && has(schema, Prop.fixedSize);

export const isDecimalSchema = (schema: Schema): boolean => schema.name === LogicalName.decimal;

export function parameter(schema: Schema, name: string): string | null {
  return has(schema, name) ? schema.parameters![name]! : null;
}

function has(schema: Schema, name: string): boolean {
  return schema.parameters !== null && Object.hasOwn(schema.parameters, name);
}

/** Whether a map is one in Avro too, whose keys are always text; otherwise it is an array of entries. */
export const hasTextKeys = (schema: Schema, options: AvroOptions): boolean =>
  schema.keySchema?.type === 'string' && (!schema.keySchema.optional || options.allowOptionalMapKeys);

/** Whether the elements of an Avro array are the entries of a Connect map. */
export const isMapEntry = (node: AvroNode): boolean =>
  node.kind === 'record' &&
  ((namespaceOf(node.fullName) === NAMESPACE && simpleName(node.fullName) === Name.mapEntry) ||
    propsOf(node).get(Prop.internalType) === Name.mapEntry);

/** The name of the field for one branch of an Avro union. */
export function branchField(node: AvroNode, index: number, options: AvroOptions): string {
  if (options.generalizedSumTypes) return `${Name.generalFieldPrefix}${index}`;
  if (node.kind === 'record' || node.kind === 'enum' || node.kind === 'fixed') {
    return options.enhancedSchemas
      ? node.fullName
      : splitFullName(simpleName(node.fullName), options.scrubInvalidNames).name;
  }
  return node.kind;
}

/** The full name that a struct has in Avro; null for one without a name. */
export const avroName = (schema: Schema, options: AvroOptions): string | null =>
  schema.name === null ? null : scrubFullName(schema.name, options.scrubInvalidNames);
