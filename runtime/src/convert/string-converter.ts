import { DataError, messageOf, Schema, string } from '@tributary/api';
import { toJavaString } from '@tributary/api/text';
import { CHARSET_NAMES, charset } from './charset.ts';
import { type Codec, convertersOf } from './codec.ts';
import { converterType } from './converter-config.ts';

const config = {
  ...converterType,
  'converter.encoding': string({
    default: 'UTF-8',
    importance: 'high',
    width: 'medium',
    displayName: 'Encoding',
    doc: `The character set of the text in Kafka, by Java's name: ${CHARSET_NAMES.join(', ')}.`,
    validate: (name) => (charset(name) ? undefined : `Unsupported encoding; use one of ${CHARSET_NAMES.join(', ')}`),
  }),
};

const OPTIONAL_STRING = Schema.string({ optional: true });

function refuseBytes(): never {
  throw new DataError('Bytes cannot be written as text: use org.apache.kafka.connect.converters.ByteArrayConverter');
}

function createCodec(encoding: string): Codec {
  const { encode, decode } = charset(encoding)!;
  return {
    write(topic, schema, value) {
      if (typeof value === 'string') return encode(value);
      if (value === null || value === undefined) return null;
      try {
        return encode(toJavaString(schema, value, refuseBytes));
      } catch (error) {
        throw new DataError(`${messageOf(error)} (topic '${topic}', StringConverter)`, { cause: error });
      }
    },
    read(_topic, bytes) {
      return { schema: OPTIONAL_STRING, value: bytes === null ? null : decode(bytes) };
    },
  };
}

export const [stringConverter, stringHeaderConverter] = convertersOf({
  class: 'org.apache.kafka.connect.storage.StringConverter',
  doc: 'Text. Other values are written as Java shows them.',
  config,
  create: (options) => createCodec(options['converter.encoding']),
});
