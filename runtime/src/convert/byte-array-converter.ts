import { DataError, describeValue, Schema, type SchemaAndValue } from '@tributary/api';
import { convertersOf } from './codec.ts';
import { converterType } from './converter-config.ts';

const OPTIONAL_BYTES = Schema.bytes({ optional: true });

function write(topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
  if (schema !== null && schema.type !== 'bytes') {
    throw new DataError(
      `Invalid schema type for ByteArrayConverter: ${schema.type.toUpperCase()} (topic '${topic}'). It passes bytes on as they are; use another converter for this connector.`,
    );
  }
  if (value === null || value === undefined) return null;
  if (!(value instanceof Uint8Array))
    throw new DataError(`ByteArrayConverter is not compatible with ${describeValue(value)} (topic '${topic}')`);
  return value;
}

const read = (_topic: string, bytes: Uint8Array | null): SchemaAndValue => ({ schema: OPTIONAL_BYTES, value: bytes });

export const [byteArrayConverter, byteArrayHeaderConverter] = convertersOf({
  class: 'org.apache.kafka.connect.converters.ByteArrayConverter',
  doc: 'Passes bytes on as they are.',
  config: converterType,
  create: () => ({ read, write }),
});
