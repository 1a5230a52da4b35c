import { parseDecimal, Schema } from '@tributary/api';
import t from 'tap';
import { columnWriter } from '../../src/convert/column.ts';
import { column, zonesOf } from '../support.ts';

const into =
  (declared: string, rest = {}) =>
  (value: unknown, schema: Schema | null = null) =>
    columnWriter(column('c', declared, rest), zonesOf()).convert(value, schema);

t.test('text of any characters goes into nvarchar, as long as it fits', async (t) => {
  t.equal(into('nvarchar(4)')('a🎉é'), 'a🎉é');
  t.throws(() => into('nvarchar(3)')('a🎉é'), {
    message: 'Column c (nvarchar(3)): text of 4 characters has 4 characters, too many for the column',
  });
  t.equal((into('nvarchar(max)')('x'.repeat(10_000_000)) as string).length, 10_000_000);
});

t.test('varchar holds the characters of its code page, counted in bytes', async (t) => {
  t.equal(into('varchar(4)')('é€ñß'), 'é€ñß');
  t.throws(() => into('varchar(4)')('日本'), { message: /code page 1252 has not; make the column nvarchar/ });
  t.throws(() => into('varchar(3)')('abcd'), { message: /takes 4 bytes/ });
  t.equal(into('varchar(4)', { codePage: 932 })('日本'), '日本');
  t.throws(() => into('varchar(3)', { codePage: 932 })('日本'), { message: /takes 4 bytes/ });
  t.equal(into('varchar(6)', { codePage: 65001 })('日本'), '日本');
  t.throws(() => into('varchar(5)', { codePage: 65001 })('日本'), { message: /takes 6 bytes/ });
});

t.test('other values become text with all that they hold', async (t) => {
  const text = into('nvarchar(max)');
  t.equal(text(9007199254740993n), '9007199254740993');
  t.equal(text(true), 'true');
  t.equal(text(parseDecimal('1.50')), '1.50');
  t.equal(text(new Date(0)), '1970-01-01T00:00:00.000Z');
  t.equal(text(new Date(0), Schema.date()), '1970-01-01');
  t.equal(text(new Date(1), Schema.time()), '00:00:00.001');
  t.throws(() => text(new Uint8Array(1)), { message: /varbinary/ });
});

t.test('structs, maps and arrays become JSON with all digits', async (t) => {
  const value = {
    n: 9007199254740993n,
    d: parseDecimal('0.10'),
    b: new Uint8Array([1, 2]),
    at: new Date(0),
    list: [1, null, 'a"b'],
    map: new Map<unknown, unknown>([[1, { x: Number.NaN }]]),
  };
  t.equal(
    into('nvarchar(max)')(value),
    '{"n":9007199254740993,"d":0.10,"b":"AQI=","at":"1970-01-01T00:00:00.000Z","list":[1,null,"a\\"b"],"map":{"1":{"x":null}}}',
  );
  t.equal(into('json')('{"a":1}'), '{"a":1}');
  t.equal(into('json')({ a: 1n }), '{"a":1}');
});

t.test('bytes, and Base64 where JSON has no bytes', async (t) => {
  t.strictSame(into('varbinary(3)')(new Uint8Array([1, 2, 3])), Buffer.from([1, 2, 3]));
  t.strictSame(into('varbinary(3)')('AQID'), Buffer.from([1, 2, 3]));
  t.throws(() => into('varbinary(2)')('AQID'), { message: /has 3 bytes/ });
  for (const value of ['%', 'AQI', 5])
    t.throws(() => into('varbinary(9)')(value), { message: /neither bytes nor Base64/ });
  t.throws(
    () => into('varbinary(9)')('AQID', Schema.string()),
    { message: /neither/ },
    'a schema says that it is text',
  );
});

t.test('GUIDs in any form that SQL Server reads', async (t) => {
  const guid = '0F8FAD5B-D9CB-469F-A165-70867728950E';
  for (const text of [guid, guid.toLowerCase(), `{${guid}}`]) t.equal(into('uniqueidentifier')(text), guid);
  t.throws(() => into('uniqueidentifier')('x'), { message: /is not a GUID/ });
});

t.test('XML loses its declaration, whose encoding is not that of the text any more', async (t) => {
  t.equal(into('xml')('<?xml version="1.0" encoding="utf-8"?><a/>'), '<a/>');
});
