import { DataError, defineHeaderConverter, messageOf } from '@tributary/api';
import { formatLiteral, parseLiteral } from '@tributary/api/text';
import { VERSION } from './converter-config.ts';

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const simpleHeaderConverter = defineHeaderConverter({
  class: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  version: VERSION,
  doc: 'Headers as text; the type is inferred from the text when it is read. Times are in UTC.',
  config: {},
  create: () => ({
    fromConnectHeader(topic, key, schema, value) {
      if (value === null || value === undefined) return null;
      try {
        return Buffer.from(formatLiteral(schema, value));
      } catch (error) {
        throw new DataError(`${messageOf(error)} (header '${key}' of a record for topic '${topic}')`, { cause: error });
      }
    },
    toConnectHeader: (_topic, _key, bytes) =>
      bytes === null ? { schema: null, value: null } : parseLiteral(asBuffer(bytes).toString('utf8')),
  }),
});
