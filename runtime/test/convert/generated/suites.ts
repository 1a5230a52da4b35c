/** The converters, with the configs, values and bytes that each is tried with. */
import { Schema } from '@tributary/api';
import fc, { type Arbitrary } from 'fast-check';
import { envelopeBytes } from './envelopes.ts';
import { anyBytes, deepBytes, jsonBytes, literal, textBytes } from './texts.ts';
import { misfit, present, schemaless, type Typed, text, typedGroup } from './values.ts';

export type Props = Readonly<Record<string, string>>;

export interface Suite {
  readonly class: string;
  readonly kind: 'converter' | 'header_converter';
  readonly configs: readonly Props[];
  readonly values: Arbitrary<readonly Typed[]>;
  readonly bytes: Arbitrary<Uint8Array>;
}

const CONVERTERS = 'org.apache.kafka.connect.converters.';
export const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter';
export const STRING_CONVERTER = 'org.apache.kafka.connect.storage.StringConverter';
export const SIMPLE_CONVERTER = 'org.apache.kafka.connect.storage.SimpleHeaderConverter';

const one = (typed: Arbitrary<Typed>): Arbitrary<readonly Typed[]> => typed.map((single) => [single]);
const withoutSchema = one(schemaless.map((value): Typed => [null, value]));
const anything = fc.oneof(
  { weight: 3, arbitrary: typedGroup },
  { weight: 6, arbitrary: withoutSchema },
  { weight: 1, arbitrary: one(misfit) },
);

const PRIMITIVES = [
  Schema.int8(),
  Schema.int16(),
  Schema.int32(),
  Schema.int64(),
  Schema.float32(),
  Schema.float64(),
  Schema.boolean(),
  Schema.string(),
  Schema.date(),
  Schema.decimal(2),
];
const primitive = fc
  .constantFrom(...PRIMITIVES)
  .chain((schema) => present(schema).map((value): Typed => [schema, value]));

/** Values of its own type mostly, and bytes of about the right size. */
function fixedSize(name: string, own: Schema, size: number): Suite {
  const optional = Schema.with(own, { optional: true, name: 'n' });
  return {
    class: `${CONVERTERS}${name}Converter`,
    kind: 'converter',
    configs: [{}],
    values: one(
      fc.oneof(
        { weight: 6, arbitrary: present(own).map((value): Typed => [own, value]) },
        { weight: 1, arbitrary: fc.option(present(own)).map((value): Typed => [optional, value]) },
        { weight: 3, arbitrary: primitive },
      ),
    ),
    bytes: fc.oneof(
      { weight: 6, arbitrary: fc.uint8Array({ minLength: size, maxLength: size, max: size === 1 ? 3 : 255 }) },
      { weight: 1, arbitrary: anyBytes },
    ),
  };
}

const json = (configs: readonly Props[], bytes: Arbitrary<Uint8Array>): Suite => ({
  class: JSON_CONVERTER,
  kind: 'converter',
  configs,
  values: anything,
  bytes: fc.oneof({ weight: 150, arbitrary: bytes }, { weight: 1, arbitrary: deepBytes }),
});

const ENCODINGS = ['UTF-8', 'ISO-8859-1', 'US-ASCII', 'UTF-16', 'UTF-16BE', 'UTF-16LE', 'latin1', 'ascii'];

/** Java's HashMaps and addresses in memory are not what text is about: no maps of several entries, no bytes. */
export const SUITES: readonly Suite[] = [
  json([{}, { 'replace.null.with.default': 'false' }, { 'schemas.cache.size': '1' }], envelopeBytes),
  json(
    [{ 'decimal.format': 'NUMERIC' }, { 'decimal.format': 'numeric', 'replace.null.with.default': 'false' }],
    envelopeBytes,
  ),
  json([{ 'schemas.enable': 'false' }], jsonBytes),
  json(
    [
      { 'schemas.enable': 'false', 'decimal.format': 'NUMERIC' },
      { 'schemas.enable': 'false', 'replace.null.with.default': 'false' },
    ],
    jsonBytes,
  ),
  {
    class: STRING_CONVERTER,
    kind: 'converter',
    configs: ENCODINGS.map((name) => ({ 'converter.encoding': name })),
    values: fc.oneof(
      { weight: 3, arbitrary: one(text.map((value): Typed => [Schema.string(), value])) },
      { weight: 1, arbitrary: anything },
    ),
    bytes: fc.oneof(textBytes(text), anyBytes),
  },
  {
    class: `${CONVERTERS}ByteArrayConverter`,
    kind: 'converter',
    configs: [{}],
    values: one(
      fc.oneof(
        fc.option(anyBytes).map((value): Typed => [Schema.bytes({ optional: true }), value]),
        fc.option(anyBytes).map((value): Typed => [null, value]),
        primitive,
      ),
    ),
    bytes: anyBytes,
  },
  fixedSize('Boolean', Schema.boolean(), 1),
  fixedSize('Short', Schema.int16(), 2),
  fixedSize('Integer', Schema.int32(), 4),
  fixedSize('Long', Schema.int64(), 8),
  fixedSize('Float', Schema.float32(), 4),
  fixedSize('Double', Schema.float64(), 8),
  {
    class: SIMPLE_CONVERTER,
    kind: 'header_converter',
    configs: [{}],
    values: anything,
    bytes: fc.oneof(
      { weight: 6, arbitrary: textBytes(literal) },
      { weight: 2, arbitrary: textBytes(text) },
      { weight: 1, arbitrary: anyBytes },
    ),
  },
];
