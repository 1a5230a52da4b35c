import {
  DataError,
  defineConverter,
  defineHeaderConverter,
  describeValue,
  Schema,
  type SchemaAndValue,
} from '@tributary/api';
import { converterType, VERSION } from './converter-config.ts';
import { headerForm } from './header-form.ts';

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

const info = {
  class: 'org.apache.kafka.connect.converters.ByteArrayConverter',
  version: VERSION,
  doc: 'Passes bytes on as they are.',
  config: converterType,
};

export const byteArrayConverter = defineConverter({
  ...info,
  create: () => ({ fromConnect: write, toConnect: read }),
});

export const byteArrayHeaderConverter = defineHeaderConverter({
  ...info,
  create: () => headerForm({ read, write }),
});
