import { boolean, type Config } from '@tributary/api';
import { registryKeys } from '../registry/config.ts';
import { mappingKeys } from '../registry/mapping-keys.ts';
import type { AvroOptions } from './options.ts';

const GROUP = 'Avro';

const flag = (initial: boolean, doc: string) => boolean({ default: initial, importance: 'low', group: GROUP, doc });

/** The keys of AvroConverter. */
export const avroKeys = {
  ...registryKeys,
  ...mappingKeys,
  'enhanced.avro.schema.support': flag(
    false,
    'Whether enums are written as enums again, and the types of unions are told apart by their namespaces too.',
  ),
  'connect.meta.data': flag(
    true,
    'Whether what Avro has no place for (names, versions, docs, parameters, defaults) goes into attributes connect.*.',
  ),
  'scrub.invalid.names': flag(
    false,
    'Whether characters that Avro does not allow in names are replaced. Otherwise such names are an error.',
  ),
  'allow.optional.map.keys': flag(
    false,
    'Whether a map with optional text keys is a map in Avro too. Otherwise it is an array of entries.',
  ),
  'flatten.singleton.unions': flag(true, 'Whether a union of one type is taken for that type.'),
  'discard.type.doc.default': flag(false, 'Whether only the docs and defaults of fields are kept, not those of types.'),
};

export type AvroConfig = Config<typeof avroKeys>;

/** What of the config decides how schemas are mapped. */
export function avroOptions(config: AvroConfig): AvroOptions {
  return {
    connectMetaData: config['connect.meta.data'],
    enhancedSchemas: config['enhanced.avro.schema.support'],
    generalizedSumTypes: config['generalized.sum.type.support'],
    ignoreDefaultForNullables: config['ignore.default.for.nullables'],
    scrubInvalidNames: config['scrub.invalid.names'],
    allowOptionalMapKeys: config['allow.optional.map.keys'],
    flattenSingletonUnions: config['flatten.singleton.unions'],
    discardTypeDocDefault: config['discard.type.doc.default'],
  };
}
