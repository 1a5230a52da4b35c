import { DataError, defineHeaderConverter, messageOf } from '@tributary/api';
import { formatLiteral, parseLiteral } from '@tributary/api/text';
import { utf8 } from './charset.ts';
import { VERSION } from './converter-config.ts';

export const simpleHeaderConverter = defineHeaderConverter({
  class: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  version: VERSION,
  doc: 'Headers as text; the type is inferred from the text when it is read. Times are in UTC.',
  config: {},
  create: () => ({
    fromConnectHeader(topic, key, schema, value) {
      if (value === null || value === undefined) return null;
      try {
        return utf8.encode(formatLiteral(schema, value));
      } catch (error) {
        throw new DataError(`${messageOf(error)} (header '${key}' of a record for topic '${topic}')`, { cause: error });
      }
    },
    toConnectHeader: (_topic, _key, bytes) =>
      bytes === null ? { schema: null, value: null } : parseLiteral(utf8.decode(bytes)),
  }),
});
