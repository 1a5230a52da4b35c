import { boolean, int } from '@tributary/api';

const SCHEMAS = 'Schemas';

/** What Confluent's converters have in common beside the registry. */
export const mappingKeys = {
  'generalized.sum.type.support': boolean({
    default: false,
    importance: 'medium',
    group: SCHEMAS,
    doc: 'Whether enums and unions are marked in the way that all converters share, rather than in that of their format.',
  }),
  'ignore.default.for.nullables': boolean({
    default: false,
    importance: 'medium',
    group: SCHEMAS,
    doc: 'Whether null stays null where the schema has a default.',
  }),
  'schemas.cache.config': int({
    default: 1000,
    importance: 'low',
    group: SCHEMAS,
    doc: 'How many schemas are kept ready, each way.',
  }),
};
