import { DataError, type Schema } from '@tributary/api';

const OWN_PREFIX = 'io.confluent.connect.protobuf';
const ENUM = `${OWN_PREFIX}.Enum`;
/** The name of a struct that stands for a oneof is this and the name of the oneof. */
export const UNION_PREFIX = `${OWN_PREFIX}.Union.`;
const UNION = `${OWN_PREFIX}.Union`;
/** Parameters: the number of a field, the scalar type where Connect has none of its own, and whether it was a wrapper. */
export const TAG = `${OWN_PREFIX}.Tag`;
export const TYPE = `${OWN_PREFIX}.Type`;
export const WRAPPER = `${OWN_PREFIX}.Wrapper`;
/** A parameter of Decimals. */
export const PRECISION = 'connect.decimal.precision';

/** With `generalized.sum.type.support` enums and unions have the same marks in all of Confluent's converters. */
export const GENERAL_ENUM = 'org.apache.kafka.connect.data.Enum';
export const GENERAL_UNION = 'org.apache.kafka.connect.data.Union';

export const MAP_KEY = 'key';
export const MAP_VALUE = 'value';
const ENTRY = 'Entry';

export function enumParameter(generalized: boolean): string {
  return generalized ? GENERAL_ENUM : ENUM;
}

/** Whether an int32 or a string is one of the values of an enum, whichever way that is marked. */
export function isEnum(schema: Schema): boolean {
  const { parameters } = schema;
  if (parameters === null) return false;
  return Object.hasOwn(parameters, ENUM) || (schema.type === 'string' && Object.hasOwn(parameters, GENERAL_ENUM));
}

/** Whether a struct stands for a oneof: exactly one field is set. */
export function isUnion(schema: Schema): boolean {
  return (
    schema.type === 'struct' &&
    ((schema.name?.startsWith(UNION) ?? false) ||
      (schema.parameters !== null && Object.hasOwn(schema.parameters, GENERAL_UNION)))
  );
}

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();

/** The message of a map's entries, for the map's or its field's name: `foo_bar` makes `FooBarEntry`. */
export function entryName(name: string): string {
  return (name.includes('_') ? name.split('_').map(capitalized).join('') : name) + ENTRY;
}

export const isEntryName = (name: string): boolean => name.endsWith(ENTRY);

/** The name of a map's schema, for the full name of the message of its entries: `FooBarEntry` makes `foo_bar`. */
export function mapName(entry: string): string {
  const at = entry.lastIndexOf('.') + 1;
  if (!isEntryName(entry)) return entry;
  const words = entry.slice(at, -ENTRY.length).replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`);
  return entry.slice(0, at) + words.toLowerCase();
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Gives a name that protobuf takes, made so or checked. @throws DataError for a name that it does not take */
export type ProtoName = (name: string) => string;

/** @param scrub whether characters that protobuf does not take are replaced, rather than refused */
export function protoNames(scrub: boolean): ProtoName {
  return scrub ? scrubbed : checked;
}

function checked(name: string): string {
  if (IDENTIFIER.test(name)) return name;
  throw new DataError(
    `'${name}' is no name in protobuf (letters, digits and underscores, no digit first). Set scrub.invalid.names=true, or rename it with a transform.`,
  );
}

function scrubbed(name: string): string {
  if (name === '' || /^[A-Za-z][A-Za-z0-9_]*$/.test(name)) return name;
  // As java.net.URLEncoder, whose percent signs then become underscores.
  const encoded = encodeURIComponent(name.toWellFormed())
    .replace(/[!'()~]/g, percent)
    .replaceAll('%20', '+');
  return (/^[0-9_]/.test(encoded) ? `x${encoded}` : encoded).replace(/[^A-Za-z0-9_]/g, '_');
}

const percent = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
