import { DataError, describeValue, Schema, type SchemaAndValue } from '@tributary/api';
import { convertersOf } from './codec.ts';
import { converterType } from './converter-config.ts';

const OPTIONAL_BOOLEAN = Schema.boolean({ optional: true });
const REMEDY = 'Use the converter that the data was written with.';

function write(topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
  if (schema !== null && schema.type !== 'boolean') {
    throw new DataError(
      `Invalid schema type for BooleanConverter: ${schema.type.toUpperCase()} (topic '${topic}'). It writes booleans only; use another converter, or the transform Cast.`,
    );
  }
  if (value === null || value === undefined) return null;
  if (typeof value !== 'boolean') {
    throw new DataError(
      `BooleanConverter is not compatible with ${describeValue(value)} (topic '${topic}'). It writes booleans only; use another converter, or the transform Cast.`,
    );
  }
  return Buffer.of(value ? 1 : 0);
}

function read(topic: string, bytes: Uint8Array | null): SchemaAndValue {
  if (bytes === null) return { schema: OPTIONAL_BOOLEAN, value: null };
  if (bytes.length !== 1) {
    throw new DataError(
      `Failed to deserialize boolean: Size of data received by BooleanDeserializer is not 1 but ${bytes.length} (topic '${topic}'). ${REMEDY}`,
    );
  }
  const byte = bytes[0]!;
  if (byte > 1) {
    throw new DataError(
      `Failed to deserialize boolean: Unexpected byte received by BooleanDeserializer: ${(byte << 24) >> 24} (topic '${topic}'). ${REMEDY}`,
    );
  }
  return { schema: OPTIONAL_BOOLEAN, value: byte === 1 };
}

export const [booleanConverter, booleanHeaderConverter] = convertersOf({
  class: 'org.apache.kafka.connect.converters.BooleanConverter',
  doc: 'Booleans in one byte, 0 or 1.',
  config: converterType,
  create: () => ({ read, write }),
});
