import { defineConverter } from '@tributary/api';
import { RegistryClient } from '../registry/client.ts';
import { RegistryConverter } from '../registry/registry-converter.ts';
import { protobufKeys } from './config.ts';
import { protobufLanguage } from './language.ts';

/** Protobuf behind the id of its .proto file in a schema registry. */
export default defineConverter({
  class: 'io.confluent.connect.protobuf.ProtobufConverter',
  version: '8.1.0',
  doc: "Protobuf with its .proto file in a schema registry (Confluent, Apicurio, Karapace), as written and read by Confluent's converter of this name.",
  config: protobufKeys,
  create: (config, { isKey }) =>
    new RegistryConverter(
      protobufLanguage(config),
      new RegistryClient(config),
      config,
      isKey,
      config['schemas.cache.config'],
    ),
});
