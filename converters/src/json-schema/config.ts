import { boolean, type Config, string } from '@tributary/api';
import { registryKeys } from '../registry/config.ts';
import { mappingKeys } from '../registry/mapping-keys.ts';

const SCHEMAS = 'Schemas';
const JSON_GROUP = 'JSON';

export const jsonSchemaKeys = {
  ...registryKeys,
  ...mappingKeys,
  'object.additional.properties': boolean({
    default: true,
    importance: 'medium',
    group: SCHEMAS,
    doc: 'Whether the schemas of structs allow further properties.',
  }),
  'use.optional.for.nonrequired': boolean({
    default: false,
    importance: 'medium',
    group: SCHEMAS,
    doc: 'Whether properties that a schema does not require are optional fields.',
  }),
  'flatten.singleton.unions': boolean({
    default: true,
    importance: 'low',
    group: SCHEMAS,
    doc: 'Whether a oneOf, anyOf or allOf with a single schema is read as that schema.',
  }),
  'ignore.modern.dialects': boolean({
    default: false,
    importance: 'low',
    group: SCHEMAS,
    doc: 'Whether schemas of later drafts than 7 are validated as those of draft 7.',
  }),
  'json.schema.spec.version': string({
    default: 'draft_7',
    oneOf: ['draft_4', 'draft_6', 'draft_7', 'draft_2019_09', 'draft_2020_12'],
    importance: 'medium',
    group: SCHEMAS,
    doc: 'Accepted; as in Java it has no effect on converters, whose schemas name no draft.',
  }),
  'decimal.format': string({
    default: 'BASE64',
    oneOf: ['BASE64', 'NUMERIC'],
    caseSensitive: false,
    importance: 'low',
    group: JSON_GROUP,
    doc: 'How Decimals are written: BASE64 (the bytes of the unscaled value) or NUMERIC (a JSON number). Both are read.',
  }),
  'json.fail.invalid.schema': boolean({
    default: false,
    importance: 'medium',
    group: JSON_GROUP,
    doc: 'Whether each value is validated by its JSON Schema, when it is written and when it is read.',
  }),
  'json.fail.unknown.properties': boolean({
    default: true,
    importance: 'medium',
    group: JSON_GROUP,
    doc: 'Accepted; as in Java it has no effect on converters. To refuse properties use object.additional.properties=false and json.fail.invalid.schema=true.',
  }),
};

export type JsonSchemaConfig = Config<typeof jsonSchemaKeys>;
