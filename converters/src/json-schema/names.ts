import type { Schema } from '@tributary/api';

/** What Connect's types are called in a JSON Schema, and where names and parameters of Connect stand in it. */
export const CONNECT_TYPE = 'connect.type';
export const CONNECT_INDEX = 'connect.index';
export const CONNECT_VERSION = 'connect.version';
export const CONNECT_PARAMETERS = 'connect.parameters';

/** The parameters of this converter's own begin so; they are expressed in JSON Schema itself and not written as parameters. */
export const OWN_PREFIX = 'io.confluent.connect.json';
const ENUM = `${OWN_PREFIX}.Enum`;
/** The name of a struct that stands for a choice of types: exactly one field is set. */
export const ONE_OF = `${OWN_PREFIX}.OneOf`;

/** With `generalized.sum.type.support` enums and unions have the same marks in all of Confluent's converters. */
export const GENERAL_ENUM = 'org.apache.kafka.connect.data.Enum';
export const GENERAL_UNION = 'org.apache.kafka.connect.data.Union';
export const GENERAL_UNION_PREFIX = 'connect_union_';

/** Stands for null among the symbols of an enum. */
export const NULL_SYMBOL = '<NULL>';

export const MAP_KEY = 'key';
export const MAP_VALUE = 'value';

export function enumParameter(generalized: boolean): string {
  return generalized ? GENERAL_ENUM : ENUM;
}

/** Whether the schema of a string is that of an enum, whichever way it is marked. */
export function isEnum(schema: Schema): boolean {
  return (
    schema.parameters !== null &&
    (Object.hasOwn(schema.parameters, GENERAL_ENUM) || Object.hasOwn(schema.parameters, ENUM))
  );
}

/** Whether a struct stands for a choice of types. */
export function isUnion(schema: Schema): boolean {
  return schema.name === ONE_OF || (schema.parameters !== null && Object.hasOwn(schema.parameters, GENERAL_UNION));
}

/** The names of the fields of a union, up to their number. */
export function unionFieldPrefix(generalized: boolean): string {
  return generalized ? `${GENERAL_UNION_PREFIX}field_` : `${ONE_OF}.field.`;
}

/** Maps with keys of this schema are JSON objects; others are arrays of objects with a key and a value. */
export function isObjectKey(keySchema: Schema): boolean {
  return keySchema.type === 'string' && !keySchema.optional;
}
