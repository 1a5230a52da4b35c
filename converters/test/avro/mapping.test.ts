/** Compares the mapping between Connect and Avro with Java's: schemas, bytes, and what is read from bytes. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseConfig, type Schema, validateValue, valueEquals } from '@tributary/api';
import { Random, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import {
  type Answer,
  askJava,
  comparable,
  comparableSchema,
  encodeSchema,
  encodeValue,
} from '../../../transforms/test/oracle/oracle.ts';
import { isAnything } from '../../src/avro/anything.ts';
import { decodeAnything } from '../../src/avro/anything-codec.ts';
import { connectSchemaOf } from '../../src/avro/avro-to-connect.ts';
import { avroKeys, avroOptions } from '../../src/avro/config.ts';
import { avroSchemaOf } from '../../src/avro/connect-to-avro.ts';
import { compileDecoder } from '../../src/avro/decode.ts';
import { compileEncoder } from '../../src/avro/encode.ts';
import { Reader } from '../../src/avro/reader.ts';
import { parseSchema } from '../../src/avro/schema-json.ts';
import { schemaText } from '../../src/avro/schema-text.ts';
import { Writer } from '../../src/avro/writer.ts';
import { randomAvro, randomBytes } from '../support/avro-cases.ts';
import { randomSchema, randomValue } from '../support/connect-cases.ts';

type Props = Readonly<Record<string, string>>;

const skip = await skipUnlessAvailable('java');
const SEED = Number(process.env.TRIBUTARY_SEED ?? 1);
const CASES = Number(process.env.TRIBUTARY_CASES ?? 2_000);
/** Apicurio's converter does not flatten; Confluent's does unless told otherwise. */
const UNFLATTENED: Props = { 'flatten.singleton.unions': 'false' };
const CONFIGS: readonly Props[] = [
  UNFLATTENED,
  { ...UNFLATTENED, 'connect.meta.data': 'false' },
  { ...UNFLATTENED, 'enhanced.avro.schema.support': 'true' },
];

function optionsOf(props: Props) {
  return avroOptions(parseConfig(avroKeys, { 'schema.registry.url': 'http://localhost', ...props }).config);
}

const ask = (questions: readonly object[]) =>
  askJava(questions, {
    jars: 'registry-converters',
    withSources: [join(import.meta.dirname, '../java/AvroDataConverter.java')],
  });

const question = (op: 'fromConnect' | 'toConnect', props: Props, rest: object): object => ({
  op,
  class: 'AvroDataConverter',
  config: props,
  isKey: false,
  topic: 't',
  ...rest,
});

interface Written {
  readonly text: string;
  readonly data: Buffer;
}

function write(schema: Schema | null, value: unknown, props: Props): Written {
  const options = optionsOf(props);
  const node = avroSchemaOf(schema, options);
  const writer = new Writer();
  writer.reset(0);
  compileEncoder(schema, node, options)(value, writer);
  return { text: schemaText(node), data: writer.take() };
}

function read({ text, data }: Written, props: Props): { schema: Schema | null; value: unknown } {
  const node = parseSchema(text);
  const reader = new Reader();
  reader.open(data, 0);
  if (isAnything(node)) return { schema: null, value: decodeAnything(reader) };
  const schema = connectSchemaOf(node, optionsOf(props), { next: 0 }, null);
  return { schema, value: compileDecoder(schema, node)(reader) };
}

function split(answer: Answer): Written {
  const bytes = Buffer.from(answer.bytes as string, 'base64');
  const end = bytes.indexOf('\n');
  return { text: bytes.toString('utf8', 0, end), data: bytes.subarray(end + 1) };
}

const framed = ({ text, data }: Written): string => Buffer.concat([Buffer.from(`${text}\n`), data]).toString('base64');

/**
 * Defaults with parts apart: Java writes those of maps whose keys are no text and does not find them again, and reads null for
 * what is optional within a default. We keep both.
 */
function withoutCompoundDefaults(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutCompoundDefaults);
  if (typeof node !== 'object' || node === null) return node;
  const parts = Object.entries(node).map(([key, part]) => [key, withoutCompoundDefaults(part)]);
  const isCompound = ['array', 'map', 'struct'].includes((node as { type?: string }).type ?? '');
  return { ...Object.fromEntries(parts), ...(isCompound && { default: null }) };
}

const shownSchema = (encoded: unknown): unknown => withoutCompoundDefaults(comparableSchema(encoded));

const shown = (schema: Schema | null, value: unknown) => ({
  schema: shownSchema(encodeSchema(schema)),
  value: comparable(encodeValue(schema, value)),
});

function attempt<T>(work: () => T): T | { readonly failed: string } {
  try {
    return work();
  } catch (error) {
    return { failed: (error as Error).message };
  }
}

const isFailed = (outcome: object): outcome is { readonly failed: string } => 'failed' in outcome;

/** Cases where we differ on purpose. */
const WRITTEN_ON_PURPOSE: readonly { readonly reason: string; matches(text: string): boolean }[] = [
  {
    reason: 'Java gives the entries of two different maps one name, so that the data cannot be read; we give them two',
    matches: (text) => text.includes('"name":"MapEntry2"'),
  },
  {
    reason:
      'NaN and the infinities are no JSON: Java writes them as text in the default of a field, where they are not valid',
    matches: (text) => /"(NaN|-?Infinity)"/.test(text),
  },
];

t.test('what is written is the same: schemas letter by letter, data byte by byte', { skip }, async (t) => {
  const random = new Random(SEED);
  const cases = Array.from({ length: CASES }, (_, i) => {
    const schema = randomSchema(random);
    const value = randomValue(random, schema);
    return { schema, value, props: CONFIGS[i % CONFIGS.length]! };
  }).filter(({ value }) => value !== null);
  for (const { schema, value } of cases) validateValue(schema, value);
  const answers = await ask(
    cases.map(({ schema, value, props }) =>
      question('fromConnect', props, { schema: encodeSchema(schema), value: encodeValue(schema, value) }),
    ),
  );
  const wrong: unknown[] = [];
  let compared = 0;
  for (const [i, { schema, value, props }] of cases.entries()) {
    const java = answers[i]!;
    const ours = attempt(() => write(schema, value, props));
    const theirs = java.error === undefined ? split(java) : { failed: java.message ?? '' };
    const texts = [ours, theirs].map((one) => ('text' in one ? one.text : '')).join('\n');
    if (WRITTEN_ON_PURPOSE.some((entry) => entry.matches(texts))) continue;
    if (isFailed(ours) !== isFailed(theirs) || (!isFailed(ours) && !isFailed(theirs) && ours.text !== theirs.text)) {
      wrong.push({ i, ours, theirs, props });
      continue;
    }
    compared++;
    if (isFailed(ours) || isFailed(theirs) || ours.data.equals(theirs.data)) continue;
    // Java's maps have no order: what is read must be the same then.
    const [left, right] = [ours, theirs].map((written) => read(written, props));
    t.strictSame(shown(left!.schema, left!.value), shown(right!.schema, right!.value));
  }
  t.strictSame(wrong.slice(0, 5), []);
  t.equal(wrong.length, 0);
  t.ok(compared >= cases.length * 0.9, `${compared} of ${cases.length} cases compared`);
});

/** Reads the same data as Java does. */
async function compareReading(
  t: {
    strictSame(a: unknown, b: unknown): unknown;
    equal(a: unknown, b: unknown): unknown;
    ok(a: unknown, b: string): unknown;
  },
  cases: readonly { readonly written: Written; readonly props: Props }[],
) {
  const answers = await ask(
    cases.map(({ written, props }) => question('toConnect', props, { bytes: framed(written) })),
  );
  const wrong: unknown[] = [];
  let compared = 0;
  for (const [i, { written, props }] of cases.entries()) {
    const java = answers[i]!;
    const read_ = attempt(() => read(written, props));
    const ours = isFailed(read_) ? read_ : shown(read_.schema, read_.value);
    const theirs =
      java.error === undefined
        ? { schema: shownSchema(java.schema), value: comparable(java.value) }
        : { failed: `${java.error}: ${java.message}` };
    if (READ_ON_PURPOSE.some((entry) => entry.matches(written.text, ours, java))) continue;
    if (isFailed(ours) && isFailed(theirs)) continue;
    compared++;
    if (!isDeepStrictEqual(ours, theirs)) wrong.push({ i, text: written.text, ours, theirs, props });
  }
  t.strictSame(wrong.slice(0, 5), []);
  t.equal(wrong.length, 0);
  t.ok(compared >= cases.length * 0.8, `${compared} of ${cases.length} cases compared`);
}

function hasUnionOfBytesAndFixed(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false;
  const types = Array.isArray(json) ? json.map((branch) => branch?.type ?? branch) : [];
  return (types.includes('bytes') && types.includes('fixed')) || Object.values(json).some(hasUnionOfBytesAndFixed);
}

const READ_ON_PURPOSE: readonly {
  readonly reason: string;
  matches(text: string, ours: object, java: Answer): boolean;
}[] = [
  {
    reason:
      'Apicurio takes the name of a fixed for that of the decimal; Confluent’s converter no longer does, nor do we',
    matches: (text, _ours, java) =>
      text.includes('"type":"fixed"') && java.message?.startsWith('Mismatched names: name already') === true,
  },
  {
    reason: 'NaN and the infinities, which stand as text in a default, become 0 in Java',
    matches: (text) => /"connect.default":"(NaN|-?Infinity)"/.test(text),
  },
  {
    reason: 'Avro 1.12.0 for Java, which Apicurio runs on, reads the doubles of an array as floats',
    matches: (text) => /"items":("double"|\{"type":"double")/.test(text),
  },
  {
    reason: 'Java takes the bytes of a fixed for plain ones where a union has both; we take them for what they are',
    matches: (text) => hasUnionOfBytesAndFixed(JSON.parse(text)),
  },
  {
    reason: 'Java drops the schema of a null',
    matches: (_text, ours, java) =>
      java.error === undefined && java.schema === null && 'value' in ours && ours.value === null,
  },
];

t.test('what we write is read by Java as we read it', { skip }, async (t) => {
  const random = new Random(SEED + 1);
  const cases = Array.from({ length: CASES }, (_, i) => {
    const props = CONFIGS[i % CONFIGS.length]!;
    const schema = randomSchema(random);
    const value = randomValue(random, schema);
    return { written: attempt(() => write(schema, value, props)), props };
  }).filter((one): one is { written: Written; props: Props } => !isFailed(one.written));
  await compareReading(t, cases);
});

t.test('what other programs write is read as Java reads it', { skip }, async (t) => {
  const random = new Random(SEED + 2);
  const cases = Array.from({ length: CASES }, (_, i) => {
    const props = CONFIGS[i % CONFIGS.length]!;
    const schema = randomAvro(random);
    return { written: { text: JSON.stringify(schema), data: randomBytes(random, schema) }, props };
  });
  await compareReading(t, cases);
});

t.test('a default of any type comes back', (t) => {
  const random = new Random(SEED + 3);
  let found = 0;
  for (let i = 0; i < CASES; i++) {
    const schema = randomSchema(random);
    const value = randomValue(random, schema);
    // In a struct a null may have become the default of its field.
    if (schema.default === undefined || JSON.stringify(encodeSchema(schema)).includes('"struct"')) continue;
    found++;
    const back = read(write(schema, value, {}), {});
    t.ok(valueEquals(back.schema!.default, schema.default), JSON.stringify(encodeSchema(schema)));
  }
  t.ok(found > CASES / 20);
  t.end();
});
