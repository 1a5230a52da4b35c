import { defineConverter } from '@tributary/api';
import { RegistryClient } from '../registry/client.ts';
import { RegistryConverter } from '../registry/registry-converter.ts';
import { jsonSchemaKeys } from './config.ts';
import { jsonSchemaLanguage } from './language.ts';

/** JSON behind the id of its JSON Schema in a schema registry. */
export default defineConverter({
  class: 'io.confluent.connect.json.JsonSchemaConverter',
  aliases: ['JsonSchemaConverter'],
  version: '8.1.0',
  doc: "JSON with a JSON Schema in a schema registry (Confluent, Apicurio, Karapace), as written and read by Confluent's converter of this name.",
  config: jsonSchemaKeys,
  create: (config, { isKey }) =>
    new RegistryConverter(
      jsonSchemaLanguage(config),
      new RegistryClient(config),
      config,
      isKey,
      config['schemas.cache.config'],
    ),
});
