import { DataError, describeValue, int64, isInt64, Schema, type SchemaAndValue, type SchemaType } from '@tributary/api';
import { convertersOf } from './codec.ts';
import { converterType } from './converter-config.ts';

interface NumberType {
  /** The part of the class name before `Converter`. */
  readonly className: string;
  /** What error messages call the type. */
  readonly name: string;
  readonly type: Extract<SchemaType, 'int16' | 'int32' | 'int64' | 'float32' | 'float64'>;
  /** Bytes of a value. */
  readonly size: number;
  /** What error messages call the reading part. */
  readonly deserializer: string;
  fits(value: unknown): boolean;
  read(view: DataView): number | bigint;
  write(view: DataView, value: number | bigint): void;
}

const isIntegerWithin =
  (limit: number) =>
  (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= -limit && (value as number) < limit;

/** Big-endian, as Kafka's serializers have them. */
const TYPES: readonly NumberType[] = [
  {
    className: 'Double',
    name: 'double',
    type: 'float64',
    size: 8,
    deserializer: 'Deserializer',
    fits: (value) => typeof value === 'number',
    read: (view) => view.getFloat64(0),
    write: (view, value) => view.setFloat64(0, value as number),
  },
  {
    className: 'Float',
    name: 'float',
    type: 'float32',
    size: 4,
    deserializer: 'Deserializer',
    // Without a schema a number may have digits that a float has not.
    fits: (value) => typeof value === 'number' && (Number.isNaN(value) || Math.fround(value) === value),
    read: (view) => view.getFloat32(0),
    write: (view, value) => view.setFloat32(0, value as number),
  },
  {
    className: 'Integer',
    name: 'integer',
    type: 'int32',
    size: 4,
    deserializer: 'IntegerDeserializer',
    fits: isIntegerWithin(2 ** 31),
    read: (view) => view.getInt32(0),
    write: (view, value) => view.setInt32(0, value as number),
  },
  {
    className: 'Long',
    name: 'long',
    type: 'int64',
    size: 8,
    deserializer: 'LongDeserializer',
    fits: isInt64,
    read: (view) => int64(view.getBigInt64(0)),
    write: (view, value) => view.setBigInt64(0, BigInt(value)),
  },
  {
    className: 'Short',
    name: 'short',
    type: 'int16',
    size: 2,
    deserializer: 'ShortDeserializer',
    fits: isIntegerWithin(2 ** 15),
    read: (view) => view.getInt16(0),
    write: (view, value) => view.setInt16(0, value as number),
  },
];

function writer(number: NumberType) {
  return (topic: string, schema: Schema | null, value: unknown): Uint8Array | null => {
    if (value === null || value === undefined) return null;
    if ((schema !== null && schema.type !== number.type) || !number.fits(value)) {
      const found = schema === null ? describeValue(value) : `${schema.name ?? schema.type} ${describeValue(value)}`;
      throw new DataError(
        `Failed to serialize to ${number.name} (was ${found}) for topic '${topic}'. ${number.className}Converter writes values of the schema type ${number.type} only; use another converter, or the transform Cast.`,
      );
    }
    const bytes = Buffer.alloc(number.size);
    number.write(viewOf(bytes), value as number | bigint);
    return bytes;
  };
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function reader(number: NumberType) {
  const schema = Schema[number.type]({ optional: true });
  return (topic: string, bytes: Uint8Array | null): SchemaAndValue => {
    if (bytes === null) return { schema, value: null };
    if (bytes.length !== number.size) {
      throw new DataError(
        `Failed to deserialize ${number.name}: Size of data received by ${number.deserializer} is not ${number.size} but ${bytes.length} (topic '${topic}'). Use the converter that the data was written with.`,
      );
    }
    return { schema, value: number.read(viewOf(bytes)) };
  };
}

function definitionsOf(number: NumberType) {
  const codec = { read: reader(number), write: writer(number) };
  return convertersOf({
    class: `org.apache.kafka.connect.converters.${number.className}Converter`,
    doc: `Numbers of the type ${number.type} in ${number.size} bytes, big-endian.`,
    config: converterType,
    create: () => codec,
  });
}

/** DoubleConverter, FloatConverter, IntegerConverter, LongConverter and ShortConverter, each also for headers. */
export const numberConverters = TYPES.flatMap(definitionsOf);
