import { DataError, LogicalName, type Schema } from '@tributary/api';
import { scalarType } from './from-connect.ts';
import { WRAPPERS } from './well-known.ts';

const PACKAGE = 'google.protobuf';

/** In the order of Google's file, which they are known by on the wire. */
const MESSAGES: ReadonlyArray<readonly [name: string, type: string]> = [
  ['DoubleValue', 'double'],
  ['FloatValue', 'float'],
  ['Int64Value', 'int64'],
  ['UInt64Value', 'uint64'],
  ['Int32Value', 'int32'],
  ['UInt32Value', 'uint32'],
  ['BoolValue', 'bool'],
  ['StringValue', 'string'],
  ['BytesValue', 'bytes'],
];

/** The file with Google's messages around a scalar, as Confluent registers it for values that are no structs. */
const TEXT = [
  `syntax = "proto3";\npackage ${PACKAGE};\n\n`,
  'option java_package = "com.google.protobuf";\n',
  'option java_outer_classname = "WrappersProto";\n',
  'option java_multiple_files = true;\n',
  'option go_package = "google.golang.org/protobuf/types/known/wrapperspb";\n',
  'option cc_enable_arenas = true;\n',
  'option objc_class_prefix = "GPB";\n',
  'option csharp_namespace = "Google.Protobuf.WellKnownTypes";\n\n',
  ...MESSAGES.map(([name, type]) => `message ${name} {\n  ${type} value = 1 [json_name = "value"];\n}\n`),
].join('');

export interface RootScalar {
  readonly text: string;
  readonly fullName: string;
  readonly indexes: readonly number[];
}

/** How a value that is no struct is registered. @throws DataError for one that cannot stand alone in protobuf */
export function rootScalar(schema: Schema): RootScalar {
  const isLogical = Object.values(LogicalName).some((name) => name === schema.name);
  if (schema.type === 'array' || schema.type === 'map' || isLogical) {
    throw new DataError(
      `Unsupported root schema of type ${isLogical ? schema.name : schema.type.toUpperCase()}: put it into a struct, such as with the transform HoistField`,
    );
  }
  const fullName = WRAPPERS[scalarType({ ...schema, parameters: null })]!;
  const index = MESSAGES.findIndex(([name]) => `${PACKAGE}.${name}` === fullName);
  return { text: TEXT, fullName, indexes: [index] };
}
