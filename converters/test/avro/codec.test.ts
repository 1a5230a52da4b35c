/** Avro's binary format against another implementation, and against bytes that are corrupt or hostile. */
import { DataError, parseConfig } from '@tributary/api';
import { Random } from '@tributary/services';
import avsc from 'avsc';
import t from 'tap';
import { decodeAnything } from '../../src/avro/anything-codec.ts';
import { connectSchemaOf } from '../../src/avro/avro-to-connect.ts';
import { avroKeys, avroOptions } from '../../src/avro/config.ts';
import { compileDecoder } from '../../src/avro/decode.ts';
import { Reader } from '../../src/avro/reader.ts';
import { parseSchema } from '../../src/avro/schema-json.ts';
import { Writer } from '../../src/avro/writer.ts';
import { randomAvro, randomBytes } from '../support/avro-cases.ts';

const OPTIONS = avroOptions(parseConfig(avroKeys, { 'schema.registry.url': 'http://localhost' }).config);
const SEED = Number(process.env.TRIBUTARY_SEED ?? 1);
const CASES = Number(process.env.TRIBUTARY_CASES ?? 2_000);

function decode(schema: unknown, bytes: Uint8Array): unknown {
  const node = parseSchema(JSON.stringify(schema));
  const reader = new Reader();
  reader.open(bytes, 0);
  return compileDecoder(connectSchemaOf(node, OPTIONS, { next: 0 }, null), node)(reader);
}

function written(write: (writer: Writer) => void): Buffer {
  const writer = new Writer();
  writer.reset(0);
  write(writer);
  return writer.take();
}

t.test('whole numbers of every size keep their value, and have the bytes that avsc gives them', (t) => {
  const long = avsc.Type.forSchema('long');
  const random = new Random(SEED);
  const reader = new Reader();
  for (let bits = 0; bits < 64; bits++) {
    for (const base of [2n ** BigInt(bits), 2n ** BigInt(bits) - 1n, BigInt(Math.floor(random.next() * 2 ** bits))]) {
      for (const big of [base, -base]) {
        if (big > 2n ** 63n - 1n) continue;
        const value = Number.isSafeInteger(Number(big)) ? Number(big) : big;
        const bytes = written((writer) => writer.long(value));
        reader.open(bytes, 0);
        t.equal(reader.long(), Object.is(value, -0) ? 0 : value);
        // Beyond this size avsc refuses numbers.
        if (typeof value === 'number' && Math.abs(value) < 2 ** 52)
          t.equal(bytes.toString('hex'), long.toBuffer(value).toString('hex'), String(value));
      }
    }
  }
  t.end();
});

t.test('text of every kind has the bytes that avsc gives it', (t) => {
  const type = avsc.Type.forSchema('string');
  for (const text of [
    '',
    'a',
    'é',
    '€',
    '😀',
    'x'.repeat(40),
    'x'.repeat(41),
    'é'.repeat(20),
    'x'.repeat(5_000),
    '\u0000',
  ]) {
    t.ok(written((writer) => writer.string(text)).equals(type.toBuffer(text)), `${text.length} characters`);
  }
  t.equal(
    written((writer) => writer.string('a\ud800b')).toString('hex'),
    '06613f62',
    'half a pair becomes a question mark',
  );
  t.end();
});

t.test('a few bytes that promise billions of items are an error and no heap', (t) => {
  const huge = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x10]);
  for (const schema of [
    { type: 'array', items: 'string' },
    { type: 'map', values: 'long' },
    { type: 'array', items: { type: 'record', name: 'Empty', fields: [] } },
    'string',
    'bytes',
  ]) {
    t.throws(() => decode(schema, Buffer.concat([huge, Buffer.from([2, 2])])), DataError, JSON.stringify(schema));
  }
  const reader = new Reader();
  reader.open(Buffer.alloc(100_000, 2), 0);
  t.throws(() => decodeAnything(reader), DataError, 'depth without end');
  t.end();
});

t.test('data that is cut off or changed anywhere is read or refused, and never hangs', (t) => {
  const random = new Random(SEED + 9);
  let refused = 0;
  for (let i = 0; i < CASES; i++) {
    const schema = randomAvro(random);
    const bytes = randomBytes(random, schema);
    const cut = bytes.subarray(0, random.below(bytes.length + 1));
    const changed = Buffer.from(bytes);
    if (bytes.length > 0) changed[random.below(bytes.length)] = random.below(256);
    for (const broken of [cut, changed]) {
      try {
        decode(schema, broken);
      } catch (error) {
        refused++;
        if (!(error instanceof DataError)) t.fail(`${error} for ${JSON.stringify(schema)} ${broken.toString('hex')}`);
      }
    }
  }
  t.ok(refused > CASES / 10, `${refused} refused`);
  t.end();
});

t.test('a record that contains itself is refused with its name', (t) => {
  const node = { type: 'record', name: 'acme.Node', fields: [{ name: 'next', type: ['null', 'acme.Node'] }] };
  t.throws(() => decode(node, Buffer.from([0])), {
    name: 'DataError',
    message: /The record acme\.Node contains itself/,
  });
  t.end();
});

t.test('what is no Avro schema is told', (t) => {
  for (const [text, problem] of [
    ['{', /is not JSON/],
    ['{"type":"strin"}', /type strin is not defined/],
    ['{"type":"record","name":"R"}', /record R has no fields/],
    ['{"type":"array"}', /a type is missing/],
    ['[{"type":"fixed","name":"F","size":1},{"type":"enum","name":"F","symbols":["A"]}]', /F is defined twice/],
  ] as const) {
    t.throws(() => parseSchema(text), { name: 'DataError', message: problem }, text);
  }
  t.end();
});

t.test('a schema of null alone has no place in Connect', (t) => {
  t.throws(() => decode('null', Buffer.alloc(0)), /Standalone null schemas/);
  t.end();
});
