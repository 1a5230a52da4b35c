import { Point } from '@influxdata/influxdb-client';
import fc from 'fast-check';
import t from 'tap';
import { escapeFieldKey, escapeMeasurement, escapeTagKey, escapeTagValue, quoteString } from '../../src/line/escape.ts';
import { isOneLine } from '../../src/line/line-scan.ts';

/** Text of which InfluxDB's own client writes what InfluxDB reads back. */
const ordinary = fc
  .string({ unit: fc.constantFrom(...'ab ,="é😀_.-:#/'), minLength: 1 })
  .filter((text) => !text.startsWith('#'));

t.test("ordinary text is escaped as InfluxDB's client does it", async () => {
  fc.assert(
    fc.property(
      ordinary,
      ordinary,
      ordinary,
      ordinary,
      fc.string({ unit: 'binary' }),
      (name, tag, value, field, text) => {
        const line = new Point(name)
          .tag(`t${tag}`, value)
          .stringField(`f${field}`, text)
          .timestamp('1')
          .toLineProtocol();
        const ours = `${escapeMeasurement(name, 'refuse')},${escapeTagKey(`t${tag}`, 'refuse')}=${escapeTagValue(value, 'refuse', 'tag')} ${escapeFieldKey(`f${field}`, 'refuse')}=${quoteString(text, 'refuse', 'field')} 1`;
        return line === ours;
      },
    ),
  );
});

t.test('what InfluxDB could not read back is refused, with the reason', async (t) => {
  const cases: ReadonlyArray<readonly [() => string, RegExp]> = [
    [
      () => escapeTagValue('C:\\', 'refuse', 'path'),
      /^The value of the tag 'path' ends with a backslash, .*unwritable.characters=replace/,
    ],
    [() => escapeTagKey('a\\', 'refuse'), /ends with a backslash/],
    [() => escapeMeasurement('a\\', 'refuse'), /ends with a backslash/],
    [() => escapeFieldKey('a\\', 'refuse'), /ends with a backslash/],
    [() => escapeTagValue('a\nb', 'refuse', 'x'), /holds a newline/],
    [() => escapeMeasurement('#a', 'refuse'), /begins with #/],
    [() => escapeMeasurement('\ta', 'refuse'), /begins with a tab/],
    [() => escapeMeasurement('a\\"b', 'refuse'), /holds a backslash before/],
    [() => escapeFieldKey('\0a', 'refuse'), /begins with a tab or a NUL/],
    [() => escapeFieldKey('a\\,b', 'refuse'), /holds a backslash before a comma/],
    [() => quoteString('a\ud800', 'refuse', 'x'), /half of a surrogate pair/],
    [() => escapeTagValue('\udc00', 'refuse', 'x'), /half of a surrogate pair/],
    [() => escapeTagKey('time', 'refuse'), /InfluxDB's own/],
    [() => escapeTagKey('_value', 'refuse'), /InfluxDB's own/],
    [() => escapeFieldKey('time', 'refuse'), /dropped by InfluxDB/],
    [() => escapeFieldKey('', 'refuse'), /empty name/],
    [() => escapeTagKey('', 'refuse'), /empty name/],
    [() => escapeMeasurement('', 'refuse'), /empty/],
  ];
  for (const [run, message] of cases) t.throws(run, { message }, String(run));
});

t.test('or replaced, when told, and nothing else with it', async (t) => {
  t.equal(escapeTagValue('C:\\', 'replace', 'x'), 'C:\ufffd');
  t.equal(escapeTagValue('a\nb c\\', 'replace', 'x'), 'a\ufffdb\\ c\ufffd');
  t.equal(escapeMeasurement('#\\ a', 'replace'), '\ufffd\ufffd\\ a');
  t.equal(escapeFieldKey('a\\,b', 'replace'), 'a\ufffd\\,b');
  t.equal(escapeFieldKey('a\\\\,b', 'replace'), 'a\\\\\\,b', 'an even number of backslashes can be written');
  t.equal(quoteString('\ud800"\\', 'replace', 'x'), '"\ufffd\\"\\\\"');
  t.equal(quoteString('😀\n\r\t\0', 'refuse', 'x'), '"😀\n\r\t\0"');
});

t.test('a line that InfluxDB would take for another one is seen', async (t) => {
  t.ok(isOneLine('m,t=a\\\\ b f="x\ny"'));
  t.ok(isOneLine('m,t=a\\ b f="x\ny",g=1'));
  t.notOk(isOneLine('m,t=a\\\\ b\\\\,c f="x\ny"'), 'its string ends at the newline');
  t.notOk(isOneLine('m,t=a\\\\ b\\\\=c"d f=1'), 'it goes on behind its end');
});
