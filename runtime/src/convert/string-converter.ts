import {
  DataError,
  defineConverter,
  defineHeaderConverter,
  messageOf,
  Schema,
  type SchemaAndValue,
  string,
} from '@tributary/api';
import { toJavaString } from '@tributary/api/text';
import { CHARSET_NAMES, charset } from './charset.ts';
import { converterType, VERSION } from './converter-config.ts';
import { headerForm } from './header-form.ts';

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

function createCodec(encoding: string) {
  const { encode, decode } = charset(encoding)!;
  return {
    write(topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
      if (typeof value === 'string') return encode(value);
      if (value === null || value === undefined) return null;
      try {
        return encode(toJavaString(schema, value, refuseBytes));
      } catch (error) {
        throw new DataError(`${messageOf(error)} (topic '${topic}', StringConverter)`, { cause: error });
      }
    },
    read(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
      return { schema: OPTIONAL_STRING, value: bytes === null ? null : decode(bytes) };
    },
  };
}

const info = {
  class: 'org.apache.kafka.connect.storage.StringConverter',
  version: VERSION,
  doc: 'Text. Other values are written as Java shows them.',
  config,
};

export const stringConverter = defineConverter({
  ...info,
  create(options) {
    const { read, write } = createCodec(options['converter.encoding']);
    return { fromConnect: write, toConnect: read };
  },
});

export const stringHeaderConverter = defineHeaderConverter({
  ...info,
  create: (options) => headerForm(createCodec(options['converter.encoding'])),
});
