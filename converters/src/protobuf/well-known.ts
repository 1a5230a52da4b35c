import protobuf from 'protobufjs';

/** The messages around a scalar that may be missing, by the scalar. 32 bits without sign are 64 bits in Connect. */
export const WRAPPERS: Readonly<Record<string, string>> = {
  double: 'google.protobuf.DoubleValue',
  float: 'google.protobuf.FloatValue',
  int64: 'google.protobuf.Int64Value',
  sint64: 'google.protobuf.Int64Value',
  sfixed64: 'google.protobuf.Int64Value',
  uint64: 'google.protobuf.UInt64Value',
  fixed64: 'google.protobuf.UInt64Value',
  int32: 'google.protobuf.Int32Value',
  sint32: 'google.protobuf.Int32Value',
  sfixed32: 'google.protobuf.Int32Value',
  uint32: 'google.protobuf.UInt32Value',
  fixed32: 'google.protobuf.UInt32Value',
  bool: 'google.protobuf.BoolValue',
  string: 'google.protobuf.StringValue',
  bytes: 'google.protobuf.BytesValue',
};

const FILES: ReadonlyMap<string, string> = new Map([
  ['confluent.type.Decimal', 'confluent/type/decimal.proto'],
  ['google.type.Date', 'google/type/date.proto'],
  ['google.type.TimeOfDay', 'google/type/timeofday.proto'],
  ['google.protobuf.Timestamp', 'google/protobuf/timestamp.proto'],
]);

/** The file that declares a well-known type. */
export function fileOf(type: string): string {
  return FILES.get(type) ?? 'google/protobuf/wrappers.proto';
}

type Fields = Readonly<Record<string, readonly [number: number, type: string]>>;

function message(fields: Fields): protobuf.IType {
  const entries = Object.entries(fields).map(([name, [id, type]]) => [name, { id, type }] as const);
  return { fields: Object.fromEntries(entries) };
}

const inPackage = (path: string, types: Record<string, protobuf.IType>): protobuf.INamespace =>
  path
    .split('.')
    .reduceRight<protobuf.INamespace>((nested, name) => ({ nested: { [name]: nested } }), { nested: types });

const CONNECT_TYPES: Readonly<Record<string, protobuf.INamespace>> = {
  'confluent/type/decimal.proto': inPackage('confluent.type', {
    Decimal: message({ value: [1, 'bytes'], precision: [2, 'uint32'], scale: [3, 'int32'] }),
  }),
  'google/type/date.proto': inPackage('google.type', {
    Date: message({ year: [1, 'int32'], month: [2, 'int32'], day: [3, 'int32'] }),
  }),
  'google/type/timeofday.proto': inPackage('google.type', {
    TimeOfDay: message({ hours: [1, 'int32'], minutes: [2, 'int32'], seconds: [3, 'int32'], nanos: [4, 'int32'] }),
  }),
  'google/type/latlng.proto': inPackage('google.type', {
    LatLng: message({ latitude: [1, 'double'], longitude: [2, 'double'] }),
  }),
  'google/type/money.proto': inPackage('google.type', {
    Money: message({ currency_code: [1, 'string'], units: [2, 'int64'], nanos: [3, 'int32'] }),
  }),
  'google/type/decimal.proto': inPackage('google.type', { Decimal: message({ value: [1, 'string'] }) }),
};

/** Files that only declare options, which are read without their declaration. */
const OPTIONS_ONLY = new Set([
  'confluent/meta.proto',
  'google/protobuf/descriptor.proto',
  'google/api/annotations.proto',
]);

/** What a file that every registry knows declares, as JSON of protobufjs; undefined for another file. */
export function wellKnownFile(name: string): protobuf.INamespace | undefined {
  if (OPTIONS_ONLY.has(name)) return {};
  return CONNECT_TYPES[name] ?? (protobuf.common.get(name) as protobuf.INamespace | null) ?? undefined;
}
