import { Schema } from '@tributary/api';
import { tick, tickRecord } from '@tributary/market';
import t from 'tap';
import { lineOf, linesOf } from '../support/lines.ts';

t.test('every field of the value becomes a field, and the topic the measurement', async (t) => {
  t.equal(
    lineOf({}, { value: { price: 100.5, size: 3, venue: 'X', open: true } }),
    'm price=100.5,size=3,venue="X",open=true',
  );
  t.equal(
    lineOf(
      {},
      {
        value: new Map<unknown, unknown>([
          ['a', 1],
          [2, 'b'],
        ]),
      },
    ),
    'm a=1,2="b"',
  );
});

t.test('numbers without a schema are floats, so that 100 and 100.5 do not clash', async (t) => {
  t.strictSame(linesOf({}, { value: { p: 100 }, timestamp: 1 }, { value: { p: 100.5 }, timestamp: 2 }), [
    'm p=100 1000000',
    'm p=100.5 2000000',
  ]);
});

t.test('numbers become what they are told to be, by the name of the field in InfluxDB', async (t) => {
  const props = { 'fields.integer': 'n,quote.size', 'fields.unsigned': 'u', 'fields.string': 's' };
  t.equal(
    lineOf(props, { value: { n: 5, u: 7, s: 9, f: 1, quote: { size: 2 } } }),
    'm n=5i,u=7u,s="9",f=1,quote.size=2i',
  );
  t.equal(
    lineOf({ 'fields.integer': '*', 'fields.float': 'f' }, { value: { n: 5, f: 1, x: 'a', y: true } }),
    'm n=5i,f=1,x="a",y=true',
  );
  t.match(linesOf(props, { value: { n: 5.5 } }), [/^! The field 'n' is 5.5 and was to be an integer/]);
  t.match(linesOf(props, { value: { n: 'five' } }), [
    /^! The field 'n' is text of 4 characters and is named in fields.integer/,
  ]);
  t.match(linesOf(props, { value: { u: -1 } }), [/^! The field 'u' is -1, outside/]);
});

t.test('a schema tells integers from floats', async (t) => {
  const valueSchema = Schema.struct({
    i8: Schema.int8(),
    i64: Schema.int64(),
    big: Schema.int64(),
    f: Schema.float64(),
    f32: Schema.float32(),
    b: Schema.boolean(),
    s: Schema.string(),
    bytes: Schema.bytes(),
  });
  const value = {
    i8: -1,
    i64: 12,
    big: 9_223_372_036_854_775_807n,
    f: 2,
    f32: Math.fround(0.1),
    b: false,
    s: 'x',
    bytes: new Uint8Array([1, 2]),
  };
  t.equal(
    lineOf({}, { value, valueSchema }),
    'm i8=-1i,i64=12i,big=9223372036854775807i,f=2,f32=0.10000000149011612,b=false,s="x",bytes="AQI="',
  );
  t.match(lineOf({ 'fields.float': 'i64' }, { value, valueSchema }), /^m i8=-1i,i64=12,big=9223372036854775807i/);
});

t.test('no digit is lost silently', async (t) => {
  t.match(linesOf({}, { value: { n: 9007199254740993n } }), [
    /^! The field 'n' is 9007199254740993, which a float would round/,
  ]);
  t.equal(lineOf({}, { value: { n: 9007199254740994n } }), 'm n=9007199254740994');
  t.equal(lineOf({ 'fields.integer': 'n' }, { value: { n: 9007199254740993n } }), 'm n=9007199254740993i');
  t.equal(lineOf({ 'fields.unsigned': 'n' }, { value: { n: 18446744073709551615n } }), 'm n=18446744073709551615u');
  t.match(linesOf({ 'fields.integer': 'n' }, { value: { n: 2n ** 63n } }), [
    /^! The field 'n' is 9223372036854775808, outside the 64 bits/,
  ]);
  t.match(linesOf({}, { value: { n: 10n ** 400n } }), [/^! .* which a float would round/]);
});

t.test('decimals', async (t) => {
  const record = (unscaled: bigint, scale: number) => ({
    value: { d: { unscaled, scale } },
    valueSchema: Schema.struct({ d: Schema.decimal(scale) }),
  });
  t.equal(lineOf({}, record(150n, 2)), 'm d=1.5');
  t.equal(lineOf({}, record(-5n, -3)), 'm d=-5000');
  t.equal(lineOf({}, record(1n, 10)), 'm d=1e-10');
  t.match(linesOf({}, record(12345678901234567891n, 10)), [
    /^! The field 'd' is 1234567890.1234567891, whose digits a float cannot hold: set decimal.format/,
  ]);
  t.equal(lineOf({ 'decimal.format': 'rounded' }, record(12345678901234567891n, 10)), 'm d=1234567890.1234567');
  t.equal(lineOf({ 'decimal.format': 'string' }, record(150n, 2)), 'm d="1.50"');
  t.equal(lineOf({ 'fields.integer': 'd' }, record(500n, 2)), 'm d=5i');
  t.match(linesOf({ 'fields.integer': 'd' }, record(505n, 2)), [/^! The field 'd' is 5.05 and was to be an integer/]);
});

t.test('dates are counted as Connect counts them, in milliseconds or days', async (t) => {
  const valueSchema = Schema.struct({ at: Schema.timestamp(), day: Schema.date(), time: Schema.time() });
  const value = { at: new Date(1_700_000_000_123), day: new Date(86_400_000 * 3), time: new Date(5) };
  t.equal(
    lineOf({ fields: 'value.at,value.day,value.time AS clock' }, { value, valueSchema }),
    'm at=1700000000123i,day=3i,clock=5i',
  );
  t.equal(
    lineOf({ tags: 'at,day', fields: 'value.time AS clock' }, { value, valueSchema }),
    'm,at=2023-11-14T22:13:20.123Z,day=1970-01-04 clock=5i',
  );
});

t.test('what is nested gets the names of its path', async (t) => {
  const value = { quote: { bid: 1, level: { depth: 2 } }, last: 3 };
  t.equal(lineOf({}, { value }), 'm quote.bid=1,quote.level.depth=2,last=3');
  t.equal(lineOf({ 'flatten.separator': '_' }, { value }), 'm quote_bid=1,quote_level_depth=2,last=3');
  t.equal(lineOf({ fields: 'value.quote.*' }, { value }), 'm bid=1,level.depth=2');
  t.equal(lineOf({ fields: 'value.quote AS q' }, { value }), 'm q.bid=1,q.level.depth=2');
  const valueSchema = Schema.struct({
    quote: Schema.struct({ bid: Schema.int32(), level: Schema.map(Schema.string(), Schema.int64()) }),
    last: Schema.float64(),
  });
  t.equal(lineOf({}, { value, valueSchema }), 'm quote.bid=1i,quote.level.depth=2i,last=3');
});

t.test('arrays become JSON, or a reason to refuse', async (t) => {
  const value = { a: [1, 'x"', null, [2n], { b: new Date(0) }, { unscaled: 15n, scale: 1 }] };
  t.equal(lineOf({}, { value }), 'm a="[1,\\"x\\\\\\"\\",null,[2],{\\"b\\":\\"1970-01-01T00:00:00.000Z\\"},1.5]"');
  t.match(linesOf({ 'array.format': 'refuse' }, { value }), [/^! The field 'a' holds an array/]);
  t.match(linesOf({ 'bytes.format': 'refuse' }, { value: { b: new Uint8Array(1) } }), [/^! The field 'b' holds bytes/]);
});

t.test('null and missing fields are left out, and a record without any is refused or passed over', async (t) => {
  t.equal(lineOf({ tags: 'sym,gone' }, { value: { sym: null, a: null, b: 1, c: undefined } }), 'm b=1');
  t.match(linesOf({}, { value: { a: null } }), [/^! The record has no field with a value/]);
  t.match(linesOf({}, { value: {} }), [/^! The record has no field with a value/]);
  t.strictSame(linesOf({ 'empty.points': 'skip' }, { value: { a: null } }), []);
  const valueSchema = Schema.struct({
    a: Schema.int32({ optional: true, default: 7 }),
    b: Schema.string({ optional: true }),
  });
  t.equal(lineOf({}, { value: { a: null, b: null }, valueSchema }), 'm a=7i', 'the default of a schema counts');
});

t.test('a value that is no struct is one field', async (t) => {
  t.equal(lineOf({}, { value: 'hello' }), 'm value="hello"');
  t.equal(lineOf({}, { value: 5, valueSchema: Schema.int32() }), 'm value=5i');
  t.equal(lineOf({ fields: 'value AS px' }, { value: 5 }), 'm px=5');
});

t.test('NaN and infinities are refused', async (t) => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    t.match(linesOf({}, { value: { v: value } }), [/^! The field 'v' is .* which InfluxDB cannot store/]);
  t.equal(
    lineOf({}, { value: { zero: -0, tiny: 5e-324, huge: 1.7976931348623157e308 } }),
    'm zero=-0,tiny=5e-324,huge=1.7976931348623157e+308',
  );
});

t.test('tags come from anywhere in the record, sorted by name; what is named is no field any more', async (t) => {
  const record = {
    key: { id: 7 },
    value: { symbol: 'AAPL', venue: 'N', price: 1, empty: '' },
    headers: [{ key: 'src', value: 'feed', schema: null }],
  };
  t.equal(
    lineOf({ tags: 'value.venue AS exchange,symbol,empty,key.id,header.src,__partition,__topic' }, record),
    'm,__partition=0,__topic=m,exchange=N,id=7,src=feed,symbol=AAPL price=1',
  );
});

t.test('a map can be spread into tags', async (t) => {
  const value = { tags: { host: 'a', rack: null, n: 5 }, cpu: 1 };
  t.equal(lineOf({ tags: 'value.tags.*' }, { value }), 'm,host=a,n=5 cpu=1');
  t.equal(lineOf({ tags: 'value.tags' }, { value }), 'm,tags.host=a,tags.n=5 cpu=1');
  t.match(linesOf({ tags: 'value.tags.*,value.cpu AS host', fields: 'value.cpu' }, { value }), [
    /^! The record has two tags that are both called 'host'/,
  ]);
});

t.test('fields that are named replace what .* would take', async (t) => {
  const value = { price: 1, time: 5, size: 2 };
  t.equal(lineOf({ fields: 'value.*,value.time AS event_time' }, { value }), 'm price=1,size=2,event_time=5');
  t.match(linesOf({}, { value }), [/^! A field named 'time' is dropped by InfluxDB: rename it/]);
  t.equal(
    lineOf({ fields: '"odd, name" AS "a b",value."x.y"' }, { value: { 'odd, name': 1, 'x.y': 2 } }),
    'm a\\ b=1,x.y=2',
  );
});

t.test('two places of a record may not have the same name', async (t) => {
  const props = { fields: 'value.*,header.h AS price' };
  const headers = [{ key: 'h', value: 5, schema: null }];
  t.equal(lineOf(props, { value: { price: 1 } }), 'm price=1');
  t.equal(lineOf(props, { value: { size: 1 }, headers }), 'm size=1,price=5');
  t.match(linesOf(props, { value: { price: 1 }, headers }), [
    /^! The record has two fields that are both called 'price'/,
  ]);
  t.match(linesOf({}, { value: { 'a.b': 1, a: { b: 2 } } }), [
    /^! The record has two fields that are both called 'a.b'/,
  ]);
});

t.test('the measurement can be made of fields', async (t) => {
  const props = { 'measurement.name.format': '${topic}_${value.kind}' };
  t.equal(lineOf(props, { value: { kind: 'trade', price: 1 } }), 'm_trade price=1');
  t.match(linesOf(props, { value: { price: 1 } }), [
    /^! measurement.name.format takes \$\{value.kind\}, which is missing/,
  ]);
  t.match(linesOf(props, { value: { kind: null, price: 1 } }), [/which is null/]);
});

t.test('records of one point are folded: each field has its last value', async (t) => {
  const records = [
    { value: { sym: 'A', bid: 1, ask: 2 } },
    { value: { sym: 'B', bid: 9 } },
    { value: { sym: 'A', bid: 3, last: null } },
    { value: { sym: 'A', last: 5 } },
  ];
  t.strictSame(linesOf({ tags: 'sym' }, ...records), ['m,sym=A bid=3,ask=2,last=5 1000000', 'm,sym=B bid=9 1000000']);
});

t.test('points.unique=time puts the offset into the digits below the time', async (t) => {
  const props = { 'points.unique': 'time' };
  const value = { x: 1 };
  t.strictSame(
    linesOf(
      props,
      { value, offset: 7 },
      { value, offset: 1_000_007 },
      { value, offset: 123_456 },
      { value, offset: 8, timestamp: 0 },
    ),
    ['m x=1 1000007', 'm x=1 1123456', 'm x=1 8'],
    'a million offsets share the digits of a millisecond',
  );
  t.strictSame(
    linesOf(
      { ...props, 'timestamp.field': 'at', 'timestamp.unit': 'us' },
      { value: { at: 1_700_000_000_000_123, x: 1 }, offset: 45_678 },
    ),
    ['m x=1 1700000000000123678'],
  );
  t.match(linesOf({ ...props, 'timestamp.field': 'at' }, { value: { at: '2023-11-14T22:13:20.1234Z', x: 1 } }), [
    /^! The timestamp \(timestamp.field=at\) has digits below ms, where points.unique=time puts its own/,
  ]);
});

t.test('points.unique=sequence_tag makes a series of each record', async (t) => {
  t.strictSame(
    linesOf(
      { 'points.unique': 'sequence_tag', tags: 'sym' },
      { value: { sym: 'A', x: 1 }, offset: 5 },
      { value: { sym: 'A', x: 2 }, offset: 6, partition: 3 },
    ),
    ['m,__offset=5,__partition=0,sym=A x=1 1000000', 'm,__offset=6,__partition=3,sym=A x=2 1000000'],
  );
});

t.test('a tick with its microseconds', async (t) => {
  const record = tickRecord(
    'ticks',
    tick({
      symbol: 'BTC-USD',
      price: 64000.5,
      size: 0.1,
      price_text: '64000.50',
      event_time_us: 1_700_000_000_123_456,
      sequence: 9007199254740993n,
      exchange: 'X',
    }),
  );
  t.strictSame(
    linesOf(
      { tags: 'symbol,exchange', 'timestamp.field': 'event_time_us', 'timestamp.unit': 'us' },
      { ...record, partition: 0 },
    ),
    [
      'ticks,exchange=X,symbol=BTC-USD price=64000.5,size=0.1,price_text="64000.50",event_time=1700000000123i,sequence=9007199254740993i 1700000000123456000',
    ],
  );
});

t.test('names that every object knows are fields like others', async (t) => {
  const value = JSON.parse('{"constructor": 1, "__proto__": 2, "toString": 3}');
  t.equal(lineOf({}, { value }), 'm constructor=1,__proto__=2,toString=3');
  const valueSchema = Schema.struct([
    ['constructor', Schema.int32({ optional: true })],
    ['x', Schema.int32()],
  ]);
  t.equal(lineOf({}, { value: { x: 1 }, valueSchema }), 'm x=1i');
});

t.test('a new version of a schema is taken as it comes', async (t) => {
  const before = Schema.struct({ price: Schema.int32() });
  const after = Schema.struct({ price: Schema.float64(), venue: Schema.string() });
  t.strictSame(
    linesOf(
      {},
      { value: { price: 1 }, valueSchema: before, timestamp: 1 },
      { value: { price: 1, venue: 'N' }, valueSchema: after, timestamp: 2 },
      { value: { price: 1 }, timestamp: 3 },
    ),
    ['m price=1i 1000000', 'm price=1,venue="N" 2000000', 'm price=1 3000000'],
  );
});
