import { type Converter, DataError, defineConverter, messageOf } from '@tributary/api';
import { RegistryClient } from '../registry/client.ts';
import { AvroReader } from './avro-reader.ts';
import { AvroWriter } from './avro-writer.ts';
import { avroKeys } from './config.ts';

/** The Confluent Platform whose converter this one has the behaviour of. */
const VERSION = '8.0.0';

export const avroConverter = defineConverter({
  class: 'io.confluent.connect.avro.AvroConverter',
  aliases: ['AvroConverter', 'Avro'],
  version: VERSION,
  doc: 'Avro, with schemas in a registry that has Confluent’s API.',
  config: avroKeys,
  create(config, { isKey }): Converter {
    const registry = new RegistryClient(config);
    const writer = new AvroWriter(registry, config, isKey);
    const reader = new AvroReader(registry, config, isKey);
    const what = isKey ? 'key' : 'value';
    return {
      fromConnect: (topic, schema, value) => located(() => writer.write(topic, schema, value), topic, what),
      toConnect: (topic, bytes) => located(() => reader.read(topic, bytes), topic, what),
      close: () => registry.close(),
    };
  },
});

/** Adds where it happened to an error that already says what and where in the value. */
function located<T>(work: () => T | Promise<T>, topic: string, what: string): T | Promise<T> {
  const place = (error: unknown): unknown =>
    error instanceof DataError
      ? new DataError(`${messageOf(error)} (the ${what} of a record of topic '${topic}', AvroConverter)`, {
          cause: error,
        })
      : error;
  try {
    const result = work();
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      throw place(error);
    });
  } catch (error) {
    throw place(error);
  }
}
