import type { HeaderConverter, Schema, SchemaAndValue } from '@tributary/api';

/** Both directions of a converter that never has to wait. */
export interface Codec {
  write(topic: string, schema: Schema | null, value: unknown): Uint8Array | null;
  read(topic: string, bytes: Uint8Array | null): SchemaAndValue;
}

/** The same for headers, where the header's key has no meaning. */
export const headerForm = ({ read, write }: Codec): HeaderConverter => ({
  fromConnectHeader: (topic, _key, schema, value) => write(topic, schema, value),
  toConnectHeader: (topic, _key, bytes) => read(topic, bytes),
});
