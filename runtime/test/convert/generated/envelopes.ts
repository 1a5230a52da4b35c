/** What a JsonConverter with schemas may meet: envelopes, and what is nearly one. */
import { type ConverterDefinition, parseConfig } from '@tributary/api';
import fc, { type Arbitrary } from 'fast-check';
import { jsonConverter } from '../../../src/convert/json-converter.ts';
import { json, jsonBytes, mangled, textBytes } from './texts.ts';
import { typedGroup } from './values.ts';

const definition = jsonConverter as unknown as ConverterDefinition;
const writers = ['BASE64', 'NUMERIC'].map((format) => {
  const { config } = parseConfig(definition.config, { 'converter.type': 'value', 'decimal.format': format });
  return definition.create(config, { isKey: false });
});

/** An envelope cut into its schema and its payload. */
const parts: Arbitrary<readonly [schema: string, payload: string]> = fc
  .tuple(typedGroup, fc.constantFrom(...writers))
  .map(([[typed], writer]) => {
    let bytes: unknown = null;
    try {
      bytes = writer.fromConnect('t', ...typed!);
    } catch {
      // A date beyond its type, for one, cannot be written.
    }
    const whole = bytes === null ? '{"schema":null,"payload":1}' : Buffer.from(bytes as Uint8Array).toString();
    const at = whole.lastIndexOf(',"payload":', endOfSchema(whole));
    return [whole.slice('{"schema":'.length, at), whole.slice(at + ',"payload":'.length, -1)];
  });

/** Where the schema of an envelope in our spelling ends. */
function endOfSchema(whole: string): number {
  let depth = 0;
  for (const match of whole.slice('{"schema":'.length).matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (match[0] === '{') depth++;
    else if (match[0] === '}') depth--;
    if (depth === 0) return '{"schema":'.length + match.index + 1;
  }
  return whole.length;
}

const envelope = (schema: string, payload: string): string => `{"schema":${schema},"payload":${payload}}`;

/** A schema in JSON with something changed that still leaves JSON. */
const otherSchema: Arbitrary<readonly [RegExp, string]> = fc.constantFrom(
  [/"optional":false/, '"optional":true'],
  [/"optional":(true|false),?/, ''],
  [/"type":"\w+"/, '"type":"string"'],
  [/"type":"\w+"/, '"type":"int32"'],
  [/"type":"\w+"/, '"type":"money"'],
  [/"type":"\w+",?/, ''],
  [/"version":\d+/, '"version":1.5'],
  [/"version":\d+/, '"version":"x"'],
  [/"scale":"-?\d+"/, '"scale":"1"'],
  [/"scale":"-?\d+"/, '"scale":1'],
  [/"name":"[^"]*"/, '"name":7'],
  [/"fields":\[/, '"fields":[null,'],
  [/"field":"a"/, '"field":"b"'],
  [/"field":"\w+"/, '"field":1'],
  [/"items":/, '"item":'],
  [/"keys":/, '"key":'],
  [/"default":/, '"default":null,"x":'],
  [/"default":/, '"default":"x","y":'],
  [/"doc":"/, '"doc":null,"z":"'],
);

const text: Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: parts.map(([schema, payload]) => envelope(schema, payload)) },
  { weight: 1, arbitrary: parts.map(([schema, payload]) => ` {\n"payload" :${payload} , "schema":\t${schema}}\n`) },
  { weight: 2, arbitrary: fc.tuple(parts, json).map(([[schema], payload]) => envelope(schema, payload)) },
  { weight: 2, arbitrary: fc.tuple(parts, parts).map(([[schema], [, payload]]) => envelope(schema, payload)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(parts, otherSchema)
      .map(([[schema, payload], [from, to]]) => envelope(schema.replace(from, to), payload)),
  },
  { weight: 1, arbitrary: fc.tuple(json, json).map(([schema, payload]) => envelope(schema, payload)) },
  { weight: 1, arbitrary: json.map((payload) => envelope('null', payload)) },
  { weight: 1, arbitrary: parts.map(([schema, payload]) => `{"schema":${schema},"payload":${payload},"more":1}`) },
  {
    weight: 1,
    arbitrary: parts.map(([schema, payload]) => `{"schema":${schema},"schema":${schema},"payload":${payload}}`),
  },
  { weight: 1, arbitrary: parts.map(([schema]) => `{"schema":${schema}}`) },
  { weight: 2, arbitrary: mangled(parts.map(([schema, payload]) => envelope(schema, payload))) },
);

export const envelopeBytes: Arbitrary<Uint8Array> = fc.oneof(
  { weight: 12, arbitrary: textBytes(text) },
  { weight: 1, arbitrary: jsonBytes },
);
