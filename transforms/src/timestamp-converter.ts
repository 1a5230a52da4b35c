import {
  type Config,
  DataError,
  defineTransform,
  getField,
  type RecordTransform,
  Schema,
  setField,
  string,
} from '@tributary/api';
import { PACKAGE, replaceNullWithDefault, VERSION } from './common-keys.ts';
import { KEY, type Plain, perSchema, requireMap, requireStruct, type Side, VALUE } from './side.ts';
import { entrySetter, hasDefault, nullOf, schemaBasics, structCopier } from './struct.ts';
import {
  PRECISIONS,
  type TimestampType,
  TYPES,
  timestampFormats,
  typeOfSchema,
  typeOfValue,
} from './timestamp-formats.ts';

const config = {
  field: string({
    default: '',
    importance: 'high',
    doc: 'The field with the timestamp. Empty: the whole key or value is the timestamp.',
  }),
  'target.type': string({
    oneOf: TYPES,
    importance: 'high',
    doc: 'What the timestamp becomes: string, unix (an integer), Date, Time or Timestamp.',
  }),
  format: string({
    default: '',
    doc: 'The pattern of timestamps that are text, written or read, in the syntax of java.text.SimpleDateFormat. UTC.',
  }),
  'unix.precision': string({
    default: 'milliseconds',
    oneOf: PRECISIONS,
    importance: 'low',
    doc: 'The unit of timestamps that are integers, written or read. What is finer than a millisecond is cut off.',
  }),
  ...replaceNullWithDefault,
};

const PURPOSE = 'converting timestamp formats';

function create(side: Side, options: Config<typeof config>): RecordTransform {
  const { field } = options;
  const replaceNull = options['replace.null.with.default'];
  const formats = timestampFormats(options['target.type'], options.format, options['unix.precision']);
  const target = formats[options['target.type']];
  const convert = (source: TimestampType, value: unknown): unknown =>
    value === null || value === undefined ? null : target.write(formats[source].read(value));
  const infer = (value: unknown): unknown =>
    value === null || value === undefined ? null : convert(typeOfValue(value), value);
  const withEntry = entrySetter(field);

  const whole = perSchema((schema) => ({
    source: typeOfSchema(schema),
    schema: target.schema({ optional: schema.optional }),
  }));

  const structs = perSchema((schema) => {
    if (schema.type !== 'struct') throw new DataError('Cannot list fields on non-struct type');
    const copy = structCopier(schema, replaceNull);
    const found = schema.fields.find(({ name }) => name === field);
    const forNull = found ? nullOf(found.schema, replaceNull) : null;
    const update = (struct: Plain): Plain => {
      const updated = copy(struct);
      if (!found) return updated;
      // Looked at here, since a null struct is fine whatever its field is.
      setField(updated, field, convert(typeOfSchema(found.schema), getField(struct, field) ?? forNull));
      return updated;
    };
    return {
      update,
      schema: Schema.struct(
        schema.fields.map((other) =>
          other === found
            ? ([field, target.schema({ optional: found.schema.optional })] as const)
            : ([other.name, other.schema] as const),
        ),
        {
          ...schemaBasics(schema),
          optional: schema.optional,
          ...(hasDefault(schema) && { default: update(schema.default as Plain) }),
        },
      ),
    };
  });

  return (record) => {
    const schema = side.schemaOf(record);
    const value = side.valueOf(record) ?? null;
    if (schema === null) {
      if (value === null || field === '') return side.replace(record, null, infer(value));
      const map = requireMap(value, PURPOSE);
      return side.replace(record, null, withEntry(map, infer(getField(map, field))));
    }
    if (field === '') {
      const { source, schema: updatedSchema } = whole(schema);
      return side.replace(record, updatedSchema, convert(source, value));
    }
    const struct = value === null ? null : requireStruct(schema, value, PURPOSE);
    const { schema: updatedSchema, update } = structs(schema);
    return side.replace(record, updatedSchema, struct && update(struct));
  };
}

const define = (side: Side) =>
  defineTransform({
    class: `${PACKAGE}.TimestampConverter$${side.suffix}`,
    aliases: [`TimestampConverter$${side.suffix}`],
    version: VERSION,
    doc: `Converts timestamps in the record's ${side.suffix.toLowerCase()} between text, integers and Connect's own types.`,
    config,
    create: (options) => create(side, options),
  });

export const timestampConverterKey = define(KEY);
export const timestampConverterValue = define(VALUE);
