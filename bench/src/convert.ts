/**
 * Nanoseconds per record of the JSON and the Avro converter and of each transform, on a quote of 6 fields (about 120 bytes of JSON):
 * `node --conditions=tributary-source bench/src/convert.ts [part of a name]`.
 */
import {
  type ConnectRecord,
  type Converter,
  type ConverterDefinition,
  type Definition,
  isDefinition,
  NO_HEADERS,
  parseConfig,
  Schema,
  type SynchronousTransform,
} from '@tributary/api';
import * as transforms from '@tributary/transforms';
import avsc from 'avsc';
import { avroKeys } from '../../converters/src/avro/config.ts';
import { avroLanguage } from '../../converters/src/avro/language.ts';
import { RegistryConverter } from '../../converters/src/registry/registry-converter.ts';
import { MemoryRegistry } from '../../converters/test/support/memory-registry.ts';
import { builtInConverters } from '../../runtime/src/convert/index.ts';

const RECORDS = 1000;
const MIN_MS = 300;
const ROUNDS = 5;
const wanted = process.argv[2] ?? '';

/** Runs batches until the time is up, several times, and prints the best round. Counts CPU time, which other work on the machine disturbs less. */
function measure(name: string, batch: () => void): void {
  if (!name.includes(wanted)) return;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    let batches = 0;
    let micros = 0;
    while (micros < MIN_MS * 1000) {
      for (let i = 0; i < 10; i++) batch();
      batches += 10;
      const { user, system } = process.cpuUsage(start);
      micros = user + system;
    }
    best = Math.min(best, (micros * 1000) / (batches * RECORDS));
  }
  console.log(`${best.toFixed(0).padStart(7)} ns/record  ${name}`);
}

const quote = Schema.struct({
  symbol: Schema.string(),
  price: Schema.float64(),
  size: Schema.int64(),
  exchange: Schema.string({ optional: true }),
  at: Schema.timestamp(),
  sequence: Schema.int64(),
});
const typed = Array.from({ length: RECORDS }, (_, i) => ({
  symbol: ['AAPL', 'MSFT', 'NESN.SW', 'BTC-USD'][i % 4]!,
  price: 100 + i / 100,
  size: 100 * (1 + (i % 50)),
  exchange: 'XNAS',
  at: new Date(1_700_000_000_000 + i),
  sequence: 1_000_000_000_000 + i,
}));
const plain = typed.map((value) => ({ ...value, at: value.at.getTime() }));

function converter(props: Record<string, string>): Converter {
  const definition = builtInConverters.find(
    ({ kind, class: name }) => kind === 'converter' && name.endsWith('.JsonConverter'),
  ) as ConverterDefinition;
  const { config } = parseConfig(definition.config, { 'converter.type': 'value', ...props });
  return definition.create(config, { isKey: false });
}

function measureConverter(name: string, one: Converter, schema: Schema | null, values: readonly unknown[]): void {
  const bytes = values.map((value) => one.fromConnect('quotes', schema, value) as Uint8Array);
  console.log(`${name}: ${bytes[0]!.length} bytes a record`);
  measure(`${name}, write`, () => {
    for (const value of values) one.fromConnect('quotes', schema, value);
  });
  measure(`${name}, read`, () => {
    for (const record of bytes) one.toConnect('quotes', record);
  });
}

/** AvroConverter with its schemas in memory, and its ids known. */
async function avroConverter(schema: Schema, value: unknown): Promise<Converter> {
  const { config } = parseConfig(avroKeys, { 'schema.registry.url': 'http://localhost' });
  const avro = new RegistryConverter(avroLanguage(config), new MemoryRegistry(), config, false, 1000);
  await avro.toConnect('quotes', (await avro.fromConnect('quotes', schema, value)) as Uint8Array);
  return avro;
}

/** What avsc takes for the same bytes, with numbers for longs; its records are no plain objects and its dates no Dates. */
function measureAvsc(): void {
  const field = (name: string, type: unknown) => ({ name, type });
  const type = avsc.Type.forSchema({
    type: 'record',
    name: 'Quote',
    fields: [
      field('symbol', 'string'),
      field('price', 'double'),
      field('size', 'long'),
      field('exchange', ['null', 'string']),
      field('at', 'long'),
      field('sequence', 'long'),
    ] as never,
  });
  const bytes = plain.map((value) => type.toBuffer(value));
  measure('avsc alone, write', () => {
    for (const value of plain) type.toBuffer(value);
  });
  measure('avsc alone, read', () => {
    for (const record of bytes) type.fromBuffer(record);
  });
}

measureConverter('JsonConverter schemaless', converter({ 'schemas.enable': 'false' }), null, plain);
measureConverter('JsonConverter envelope', converter({}), quote, typed);
measureConverter('AvroConverter', await avroConverter(quote, typed[0]), quote, typed);
measureAvsc();
const schemaless = converter({ 'schemas.enable': 'false' });
measure('JsonConverter write, schema without envelope', () => {
  for (const value of typed) schemaless.fromConnect('quotes', quote, value);
});
measure('for comparison: Buffer.from(JSON.stringify(value))', () => {
  for (const value of plain) Buffer.from(JSON.stringify(value));
});
const texts = plain.map((value) => Buffer.from(JSON.stringify(value)));
measure('for comparison: JSON.parse(buffer.toString())', () => {
  for (const text of texts) JSON.parse(text.toString());
});

const record = (valueSchema: Schema | null, value: unknown): ConnectRecord => ({
  topic: 'quotes',
  partition: 0,
  key: valueSchema ? value : { symbol: 'AAPL' },
  keySchema: valueSchema,
  value,
  valueSchema,
  timestamp: 1_700_000_000_000,
  headers: NO_HEADERS,
});
const typedRecords = typed.map((value) => record(quote, value));
const plainRecords = plain.map((value) => record(null, value));

const CONFIGS: Readonly<Record<string, Record<string, string>>> = {
  InsertField: { 'topic.field': 'topic', 'timestamp.field': 'ts', 'static.field': 'source', 'static.value': 'yahoo' },
  ReplaceField: { exclude: 'exchange', renames: 'at:time' },
  HoistField: { field: 'quote' },
  ExtractField: { field: 'symbol' },
  ValueToKey: { fields: 'symbol' },
  RegexRouter: { regex: '(.*)', replacement: 'x-$1' },
  TimestampConverter: { field: 'at', 'target.type': 'string', format: "yyyy-MM-dd'T'HH:mm:ss.SSSX" },
};

for (const definition of Object.values(transforms as Record<string, unknown>).filter(isDefinition) as Definition[]) {
  const short = definition.class.split('.').at(-1)!;
  const props = CONFIGS[short.split('$')[0]!];
  if (definition.kind !== 'transformation' || short.endsWith('$Key') || !props) continue;
  const { config } = parseConfig(definition.config, props);
  const apply = (definition as unknown as SynchronousTransform).create(config as never, { onClose() {} });
  for (const [kind, records] of [
    ['with schema', typedRecords],
    ['schemaless', plainRecords],
  ] as const) {
    measure(`${short}, ${kind}`, () => {
      for (const one of records) apply(one);
    });
  }
}
