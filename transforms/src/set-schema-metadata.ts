import { ConfigError, DataError, defineTransform, int, Schema, string } from '@tributary/api';
import { PACKAGE, replaceNullWithDefault, VERSION } from './common-keys.ts';
import { KEY, type Plain, perSchema, type Side, VALUE } from './side.ts';
import { structCopier } from './struct.ts';

const config = {
  'schema.name': string({ default: null, importance: 'high', doc: 'The name that the schema gets.' }),
  'schema.version': int({ default: null, importance: 'high', doc: 'The version that the schema gets.' }),
  ...replaceNullWithDefault,
};

const define = (side: Side) =>
  defineTransform({
    class: `${PACKAGE}.SetSchemaMetadata$${side.suffix}`,
    aliases: [`SetSchemaMetadata$${side.suffix}`],
    version: VERSION,
    doc: `Gives the schema of the record's ${side.suffix.toLowerCase()} another name or version.`,
    config,
    create(options) {
      const name = options['schema.name'];
      const version = options['schema.version'];
      if (name === null && version === null) throw new ConfigError('Neither schema name nor version configured');
      const plan = perSchema((schema) => ({
        schema: Schema.with(schema, { ...(name !== null && { name }), ...(version !== null && { version }) }),
        copy: structCopier(schema, options['replace.null.with.default']),
      }));
      return (record) => {
        const schema = side.schemaOf(record);
        const value = side.valueOf(record) ?? null;
        if (schema === null) {
          if (value === null) return record;
          throw new DataError('Schema required for [updating schema metadata]');
        }
        const { schema: updatedSchema, copy } = plan(schema);
        return side.replace(record, updatedSchema, schema.type === 'struct' && value ? copy(value as Plain) : value);
      };
    },
  });

export const setSchemaMetadataKey = define(KEY);
export const setSchemaMetadataValue = define(VALUE);
