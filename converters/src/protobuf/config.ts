import { boolean, type Config } from '@tributary/api';
import { registryKeys } from '../registry/config.ts';
import { mappingKeys } from '../registry/mapping-keys.ts';

const SCHEMAS = 'Schemas';

const flag = (defaultValue: boolean, doc: string) =>
  boolean({ default: defaultValue, importance: 'medium', group: SCHEMAS, doc });

export const protobufKeys = {
  ...registryKeys,
  ...mappingKeys,
  'enhanced.protobuf.schema.support': flag(
    false,
    'Whether schemas that are read have the full names of their messages, with package.',
  ),
  'scrub.invalid.names': flag(false, 'Whether names that protobuf does not take are made so that it does.'),
  'int.for.enums': flag(false, 'Whether enums are read as their numbers rather than their names.'),
  'optional.for.nullables': flag(
    false,
    'Whether optional fields have the label optional, and only those are optional.',
  ),
  'optional.for.proto2': flag(true, 'Whether fields of proto2 with the label optional that are not set are null.'),
  'wrapper.for.nullables': flag(
    false,
    'Whether optional fields are messages around their value (google.protobuf.StringValue ...), and only those are optional.',
  ),
  'wrapper.for.raw.primitives': flag(
    true,
    'Whether a message around a scalar (google.protobuf.StringValue ...) is read as the scalar.',
  ),
  'generate.struct.for.nulls': flag(
    false,
    'Whether a field that is not set is read as what its type begins with, rather than as null.',
  ),
  'generate.index.for.unions': flag(true, 'Whether the field for a oneof has the number of the oneof in its name.'),
  'flatten.unions': flag(
    false,
    'Whether the members of a oneof are fields of its message, rather than of a struct of their own.',
  ),
};

export type ProtobufConfig = Config<typeof protobufKeys>;
