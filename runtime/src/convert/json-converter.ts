import { boolean, type Config, DataError, int, messageOf, string } from '@tributary/api';
import { type Codec, convertersOf } from './codec.ts';
import { converterType } from './converter-config.ts';
import { JsonReader } from './json-reader.ts';
import { JsonWriter } from './json-writer.ts';

const config = {
  ...converterType,
  'schemas.enable': boolean({
    default: true,
    importance: 'high',
    group: 'Schemas',
    order: 0,
    width: 'medium',
    displayName: 'Enable Schemas',
    doc: 'Whether each key, value or header carries its schema, in an envelope {"schema": ..., "payload": ...}.',
  }),
  'schemas.cache.size': int({
    default: 1000,
    importance: 'high',
    group: 'Schemas',
    order: 1,
    width: 'medium',
    displayName: 'Schema Cache Size',
    doc: 'How many schemas the converter remembers.',
  }),
  'schema.content': string({
    default: null,
    importance: 'high',
    group: 'Schemas',
    order: 2,
    width: 'medium',
    displayName: 'Schema Content',
    doc: 'The schema, as JSON, of everything that is read: messages then carry the payload alone. Needs schemas.enable; without effect on what is written.',
  }),
  'decimal.format': string({
    default: 'BASE64',
    oneOf: ['BASE64', 'NUMERIC'],
    caseSensitive: false,
    importance: 'low',
    group: 'Serialization',
    order: 0,
    width: 'medium',
    displayName: 'Decimal Format',
    doc: 'How Decimals are written: BASE64 (the bytes of the unscaled value) or NUMERIC (a JSON number). Both are read.',
  }),
  'replace.null.with.default': boolean({
    default: true,
    importance: 'low',
    group: 'Serialization',
    order: 1,
    width: 'medium',
    displayName: 'Replace null with default',
    doc: 'Whether a field that is null and has a default in its schema takes the default, in both directions.',
  }),
};

/** Adds where it happened to an error that already says what and where in the value. */
function located(error: unknown, topic: string, what: string): DataError {
  return new DataError(`${messageOf(error)} (the ${what} of a record of topic '${topic}', JsonConverter)`, {
    cause: error,
  });
}

function createCodec(options: Config<typeof config>, what: string): Codec {
  const writer = new JsonWriter({
    schemasEnable: options['schemas.enable'],
    cacheSize: options['schemas.cache.size'],
    decimalFormat: options['decimal.format'],
    replaceNullWithDefault: options['replace.null.with.default'],
  });
  const reader = new JsonReader({
    schemasEnable: options['schemas.enable'],
    cacheSize: options['schemas.cache.size'],
    schemaContent: options['schema.content'],
    replaceNullWithDefault: options['replace.null.with.default'],
  });
  return {
    write(topic, schema, value) {
      try {
        return writer.write(schema, value);
      } catch (error) {
        throw located(error, topic, what);
      }
    },
    read(topic, bytes) {
      try {
        return reader.read(bytes);
      } catch (error) {
        throw located(error, topic, what);
      }
    },
  };
}

export const [jsonConverter, jsonHeaderConverter] = convertersOf({
  class: 'org.apache.kafka.connect.json.JsonConverter',
  doc: 'JSON, with the schema in each message (schemas.enable=true) or plain.',
  config,
  create: createCodec,
});
