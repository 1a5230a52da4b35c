import { type ConnectRecord, NO_HEADERS, Schema, type SinkRecord } from '@tributary/api';

type Typed = readonly [schema: Schema | null, value: unknown];

const address = Schema.struct({ city: Schema.string(), zip: Schema.int32({ optional: true, default: 8000 }) });
const quote = Schema.struct(
  {
    symbol: Schema.string(),
    price: Schema.float64(),
    size: Schema.int64({ optional: true }),
    venue: Schema.string({ optional: true, default: 'XNAS' }),
    at: Schema.timestamp({ optional: true }),
    'a.b': Schema.string({ optional: true }),
    address: Schema.struct(
      { city: Schema.string(), zip: Schema.int32({ optional: true, default: 8000 }), in: address },
      { optional: true },
    ),
    tags: Schema.map(Schema.string(), Schema.int32(), { optional: true }),
    legs: Schema.array(Schema.float32(), { optional: true }),
    amount: Schema.decimal(2, { optional: true }),
    raw: Schema.bytes({ optional: true }),
  },
  { name: 'quote', version: 3, doc: 'A quote', parameters: { feed: 'x' } },
);
const full = {
  symbol: 'AAPL',
  price: 189.25,
  size: 2n ** 60n + 1n,
  venue: null,
  at: new Date(1_700_000_000_123),
  'a.b': 'dotted',
  address: { city: 'Bern', zip: null, in: { city: 'Biel', zip: 2500 } },
  tags: { a: 1, b: 2 },
  legs: [0.1, -3],
  amount: { unscaled: -12345n, scale: 2 },
  raw: new Uint8Array([1, 2, 255]),
};
const empty = {
  symbol: '',
  price: -0,
  size: null,
  venue: 'X',
  at: null,
  'a.b': null,
  address: null,
  tags: null,
  legs: null,
  amount: null,
  raw: null,
};
const optionalQuote = Schema.struct(
  { symbol: Schema.string(), at: Schema.int64(), time: Schema.time({ optional: true }), date: Schema.date() },
  { optional: true, default: { symbol: 'none', at: 5, time: null, date: new Date(0) } },
);

/** Keys and values of every kind that transforms meet. */
export const TYPED: readonly Typed[] = [
  [null, null],
  [quote, full],
  [quote, empty],
  [
    optionalQuote,
    { symbol: 'x', at: 1_700_000_000_123, time: new Date(3_600_000), date: new Date(19_000 * 86_400_000) },
  ],
  [optionalQuote, null],
  [Schema.string(), 'text'],
  [Schema.string({ optional: true }), null],
  [Schema.int64(), 1_700_000_000_123],
  [Schema.timestamp(), new Date(-1)],
  [Schema.date({ optional: true }), new Date(86_400_000)],
  [Schema.int32(), 5],
  [Schema.array(Schema.string()), ['a']],
  [null, { symbol: 'AAPL', price: 1.5, size: 3, address: { city: 'Bern', in: { city: 'Biel' } }, 'a.b': 'dotted' }],
  [null, { at: 1_700_000_000_123, symbol: null, 'a.b': { c: [1, 'x', null] } }],
  [null, { at: new Date(1_700_000_000_123) }],
  [null, { at: '2024-02-29 13:04:05' }],
  [null, { at: true }],
  [
    null,
    new Map<string, unknown>([
      ['2', 'b'],
      ['1', 'a'],
      ['__proto__', 1],
      ['symbol', 's'],
    ]),
  ],
  [null, {}],
  [null, 'text'],
  [null, 7],
  [null, [1, 2]],
];

const headers = [
  { key: 'trace', schema: Schema.string(), value: 'abc' },
  { key: 'n', schema: Schema.int32(), value: 1 },
  { key: 'trace', schema: null, value: null },
];

function sinkRecord([schema, value]: Typed, i: number): SinkRecord {
  const topic = ['quotes', 'prod.trades-2', 'a|b', 'QUOTES'][i % 4]!;
  const partition = i % 3;
  return {
    topic,
    partition,
    key: value,
    keySchema: schema,
    value,
    valueSchema: schema,
    timestamp: i % 5 === 0 ? null : 1_700_000_000_000 + i,
    headers: i % 2 === 0 ? headers : NO_HEADERS,
    offset: 100 + i,
    timestampType: 'CreateTime',
    originalTopic: topic,
    originalPartition: partition,
    originalOffset: 100 + i,
  };
}

function sourceRecord([schema, value]: Typed, i: number): ConnectRecord {
  return {
    topic: 'quotes',
    partition: i % 2 === 0 ? null : 4,
    key: value,
    keySchema: schema,
    value,
    valueSchema: schema,
    timestamp: i % 2 === 0 ? 1_700_000_000_000 : null,
    headers: NO_HEADERS,
  };
}

/** Each twice, so that schema caches are met cold and warm. */
export const RECORDS: readonly ConnectRecord[] = [
  ...TYPED.map(sinkRecord),
  ...TYPED.map(sinkRecord),
  ...TYPED.map(sourceRecord),
];

type Props = Readonly<Record<string, string>>;
const keep: Props = { 'replace.null.with.default': 'false' };

/** Configs to try, by class name without the package; those with a key and a value form are tried in both. */
export const CONFIGS: Readonly<Record<string, readonly Props[]>> = {
  InsertField$: [
    {},
    { 'topic.field': 'topic' },
    { 'topic.field': 'topic!', 'partition.field': 'part?', 'timestamp.field': 'ts', ...keep },
    { 'partition.field': 'part!', 'timestamp.field': 'ts!' },
    { 'offset.field': 'off' },
    { 'static.field': 'source', 'static.value': 'yahoo' },
    { 'static.field': 'source!', 'static.value': '' },
    { 'static.field': 'source' },
    { 'topic.field': 'symbol' },
    { 'topic.field': '1', 'static.field': '__proto__', 'static.value': 'x' },
  ],
  ReplaceField$: [
    {},
    { exclude: 'symbol,price' },
    { include: 'symbol,venue,at' },
    { include: 'venue,symbol', exclude: 'symbol', ...keep },
    { renames: 'symbol:ticker,venue:mic' },
    { renames: 'symbol:1,1:symbol' },
    { renames: 'symbol:price' },
    { renames: 'symbol' },
    { renames: 'symbol:' },
    { renames: ':symbol' },
    { renames: 'symbol:x:' },
    { renames: 'a:b:c' },
    { include: 'nothing' },
  ],
  HoistField$: [{ field: 'line' }, { field: '1' }, { field: '__proto__' }, {}],
  ExtractField$: [
    { field: 'symbol' },
    { field: 'venue' },
    { field: 'venue', ...keep },
    { field: 'missing' },
    { field: 'a.b' },
    { field: 'a.b', 'field.syntax.version': 'v2' },
    { field: '`a.b`', 'field.syntax.version': 'V2' },
    { field: '`a.b`.c', 'field.syntax.version': 'V2' },
    { field: 'address.city', 'field.syntax.version': 'V2' },
    { field: 'address.zip', 'field.syntax.version': 'V2', ...keep },
    { field: 'address.zip', 'field.syntax.version': 'V2' },
    { field: 'address.in.zip', 'field.syntax.version': 'V2' },
    { field: 'symbol.x', 'field.syntax.version': 'V2' },
    { field: 'address.', 'field.syntax.version': 'V2' },
    { field: '`address', 'field.syntax.version': 'V2' },
    { field: 'symbol', 'field.syntax.version': 'V3' },
  ],
  ValueToKey: [
    { fields: 'symbol' },
    { fields: 'symbol,venue' },
    { fields: 'venue,symbol', ...keep },
    { fields: 'size,price,symbol,1,__proto__,a.b' },
    { fields: 'missing' },
    { fields: '' },
  ],
  RegexRouter: [
    { regex: 'quotes', replacement: 'q' },
    { regex: '(.*)', replacement: 'x-$1' },
    { regex: '(?i)QUOTES', replacement: '\\$x' },
    { regex: '(?<env>\\w+)\\.(.*)-(\\d)', replacement: '${env}_$2_$3' },
    { regex: '.*', replacement: '$1' },
    { regex: '\\Qa|b\\E', replacement: 'pipe' },
    { regex: 'a|a\\|b', replacement: 'first' },
    { regex: '[', replacement: 'x' },
    { regex: '.*', replacement: 'x\\' },
  ],
  TimestampConverter$: [
    { 'target.type': 'unix' },
    { 'target.type': 'string', format: 'yyyy-MM-dd HH:mm:ss.SSS' },
    { 'target.type': 'string' },
    { 'target.type': 'string', format: 'bad pattern' },
    { 'target.type': 'Date' },
    { 'target.type': 'Time' },
    { 'target.type': 'Timestamp', format: 'yyyy-MM-dd HH:mm:ss' },
    { 'target.type': 'never' },
    { 'target.type': 'unix', field: 'at' },
    { 'target.type': 'unix', field: 'at', 'unix.precision': 'seconds', format: 'yyyy-MM-dd HH:mm:ss', ...keep },
    { 'target.type': 'unix', field: 'at', 'unix.precision': 'microseconds' },
    { 'target.type': 'unix', field: 'at', 'unix.precision': 'nanoseconds' },
    { 'target.type': 'Timestamp', field: 'at', 'unix.precision': 'nanoseconds' },
    { 'target.type': 'Timestamp', field: 'at', 'unix.precision': 'microseconds', format: 'yyyy-MM-dd HH:mm:ss' },
    { 'target.type': 'Timestamp', field: 'at', 'unix.precision': 'seconds' },
    { 'target.type': 'Date', field: 'at', format: 'yyyy-MM-dd HH:mm:ss' },
    { 'target.type': 'Time', field: 'at', format: 'yyyy-MM-dd HH:mm:ss' },
    { 'target.type': 'string', field: 'at', format: "yyyy-MM-dd'T'HH:mm:ss.SSSXXX" },
    { 'target.type': 'string', field: 'missing', format: 'yyyy' },
    { 'target.type': 'string', field: 'symbol', format: 'yyyy' },
    { 'target.type': 'unix', field: 'time' },
    { 'target.type': 'Timestamp', field: 'date' },
  ],
  DropHeaders: [{ headers: 'trace' }, { headers: 'trace,n' }, { headers: 'none' }, { headers: '' }],
  Filter: [{}],
  InsertHeader: [
    { header: 'h', 'value.literal': '5' },
    { header: 'trace', 'value.literal': '[1,2.5]' },
    { header: 'h', 'value.literal': 'null' },
    { header: '', 'value.literal': 'x' },
    { header: 'h' },
  ],
  TimestampRouter: [
    {},
    { 'topic.format': 'a-${timestamp}-${topic}-${topic}', 'timestamp.format': "yyyy-MM-dd'T'HH" },
    { 'topic.format': '$1', 'timestamp.format': 'yyyy' },
  ],
  SetSchemaMetadata$: [
    {},
    { 'schema.name': 'n' },
    { 'schema.version': '7', ...keep },
    { 'schema.name': 'n', 'schema.version': '0' },
    { 'schema.version': 'x' },
  ],
  HeaderFrom$: [
    { fields: 'symbol', headers: 'h', operation: 'copy' },
    { fields: 'symbol,venue', headers: 'h,trace', operation: 'move' },
    { fields: 'venue', headers: 'h', operation: 'move', ...keep },
    { fields: 'at', headers: 'h,i', operation: 'move' },
    { fields: 'at', headers: 'h', operation: 'delete' },
    { fields: '', headers: '', operation: 'move' },
  ],
  'predicates.TopicNameMatches': [
    { pattern: 'quotes' },
    { pattern: 'quot' },
    { pattern: '(?i:q).*' },
    { pattern: '' },
    { pattern: '(' },
    { pattern: '\\p{Lower}+' },
  ],
  'predicates.HasHeaderKey': [{ name: 'trace' }, { name: 'none' }, { name: '' }],
  'predicates.RecordIsTombstone': [{}],
};
