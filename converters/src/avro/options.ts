/** The keys of Confluent's AvroData that decide how schemas are mapped. */
export interface AvroOptions {
  readonly connectMetaData: boolean;
  readonly enhancedSchemas: boolean;
  readonly generalizedSumTypes: boolean;
  readonly ignoreDefaultForNullables: boolean;
  readonly scrubInvalidNames: boolean;
  readonly allowOptionalMapKeys: boolean;
  readonly flattenSingletonUnions: boolean;
  readonly discardTypeDocDefault: boolean;
}

export const NAMESPACE = 'io.confluent.connect.avro';

/** Names that have a meaning in the mapping. */
export const Name = {
  defaultRecord: 'ConnectDefault',
  mapEntry: 'MapEntry',
  key: 'key',
  value: 'value',
  union: `${NAMESPACE}.Union`,
  enum: `${NAMESPACE}.Enum`,
  anything: `${NAMESPACE}.Anything`,
  generalUnion: 'org.apache.kafka.connect.data.Union',
  generalEnum: 'org.apache.kafka.connect.data.Enum',
  generalUnionPrefix: 'connect_union_',
  generalFieldPrefix: 'connect_union_field_',
} as const;

/** Attributes of Avro schemas, and parameters of Connect schemas, that carry what the other side has no place for. */
export const Prop = {
  name: 'connect.name',
  doc: 'connect.doc',
  recordDoc: 'connect.record.doc',
  enumDoc: 'connect.enum.doc',
  version: 'connect.version',
  default: 'connect.default',
  parameters: 'connect.parameters',
  internalType: 'connect.internal.type',
  type: 'connect.type',
  fixedSize: 'connect.fixed.size',
  decimalPrecision: 'connect.decimal.precision',
  avroRecordDoc: `${NAMESPACE}.record.doc`,
  avroEnumDocPrefix: `${NAMESPACE}.enum.doc.`,
  avroFieldDocPrefix: `${NAMESPACE}.field.doc.`,
  /** Says that a default came from an Avro field, so that it need not be kept twice on the way back. */
  avroFieldDefault: `${NAMESPACE}.field.default`,
  avroEnumDefaultPrefix: `${NAMESPACE}.enum.default.`,
  /** What begins like this goes from a parameter to an attribute and back. */
  avroPrefix: 'avro',
  logicalType: 'logicalType',
  scale: 'scale',
  precision: 'precision',
} as const;

/** The precision of decimals whose schema tells none. */
export const DEFAULT_PRECISION = 64;
