import { defineConverter } from '@tributary/api';
import { RegistryClient } from '../registry/client.ts';
import { RegistryConverter } from '../registry/registry-converter.ts';
import { avroKeys } from './config.ts';
import { avroLanguage } from './language.ts';

/** Avro behind the id of its schema in a schema registry. */
export default defineConverter({
  class: 'io.confluent.connect.avro.AvroConverter',
  version: '8.1.0',
  doc: "Avro with its schema in a schema registry (Confluent, Apicurio, Karapace), as written and read by Confluent's converter of this name.",
  config: avroKeys,
  create: (config, { isKey }) =>
    new RegistryConverter(
      avroLanguage(config),
      new RegistryClient(config),
      config,
      isKey,
      config['schemas.cache.config'],
    ),
});
