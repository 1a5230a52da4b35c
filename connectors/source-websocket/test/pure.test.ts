import t from 'tap';
import { compileCondition } from '../src/condition.ts';
import { divideSymbols } from '../src/divide.ts';
import { compileManyPath, compilePath } from '../src/json-path.ts';
import { shortestFloat } from '../src/presets/yahoo.ts';
import { Ranges } from '../src/ranges.ts';
import { compileTemplate } from '../src/template.ts';
import { microseconds } from '../src/times.ts';

const values = { symbols: ['BTC-USD', 'ETH-USD'], key: 'k', secret: 's' };
const render = (text: string): readonly string[] => compileTemplate(text)(values);

t.test('a template makes one message, or one for each symbol', async (t) => {
  t.strictSame(render('{"op":"subscribe","args":${symbols}}'), ['{"op":"subscribe","args":["BTC-USD","ETH-USD"]}']);
  t.strictSame(render('{"id":${number},"s":"${symbol}"}'), ['{"id":1,"s":"BTC-USD"}', '{"id":2,"s":"ETH-USD"}']);
  t.strictSame(render('${symbols|lower|prefix=t.|suffix=@trade|join=,}'), ['t.btc-usd@trade,t.eth-usd@trade']);
  t.strictSame(render('${symbol|upper} ${api.key} ${api.secret}'), ['BTC-USD k s', 'ETH-USD k s']);
  t.throws(() => compileTemplate('${sybmol}'), /'\$\{sybmol\}' in the template \$\{sybmol\} is not known/);
  t.throws(() => compileTemplate('${symbol|reverse}'), /The filter 'reverse'/);
});

t.test('a path leads to one value, with [*] to any number', async (t) => {
  const message = { data: [{ p: 1, deep: { x: [7, 8] } }, { p: 2 }], 'a-b': true };
  t.equal(compilePath('data[0].deep.x[1]')(message), 8);
  t.equal(compilePath('a-b')(message), true);
  t.equal(compilePath('data.p')(message), undefined);
  t.equal(compilePath('toString')(message), undefined);
  t.equal(compilePath('')(message), message);
  t.strictSame(compileManyPath('data')(message), message.data);
  t.strictSame(compileManyPath('data[*].p')(message), [1, 2]);
  t.strictSame(compileManyPath('nothing')(message), []);
  t.strictSame(compileManyPath('')(message), [message]);
  t.throws(() => compilePath('a..b'), /no path into JSON/);
  t.throws(() => compilePath('a[*]'), /must lead to one value/);
});

t.test('a condition compares what stands at paths', async (t) => {
  const holds = (text: string): boolean => compileCondition(text)({ type: 'trade', n: 5, ok: true, none: null });
  t.ok(holds('type=trade|quote'));
  t.notOk(holds('type=quote'));
  t.ok(holds('type!=quote & n=5 & ok=true'));
  t.ok(holds('missing!=x'));
  t.ok(holds('ok'));
  t.notOk(holds('none'));
  t.throws(() => compileCondition('a=1&&b'), /empty term/);
});

t.test('times of all kinds become microseconds', async (t) => {
  const at = Date.parse('2026-03-02T14:30:00.123Z') * 1000;
  t.equal(microseconds('2026-03-02T14:30:00.123456789Z', 'auto'), at + 456);
  t.equal(microseconds('2026-03-02 14:30:00.123', 'auto'), at);
  t.equal(microseconds('2026-03-02T15:30:00.123+01:00', 'auto'), at);
  t.equal(microseconds(at / 1000, 'auto'), at);
  t.equal(microseconds(at / 1e6, 's'), at);
  t.equal(microseconds(String(at / 1000), 'auto'), at);
  t.equal(microseconds(BigInt(at) * 1000n + 7n, 'auto'), at);
  t.equal(microseconds(at, 'us'), at);
  for (const none of ['soon', null, {}, Number.NaN]) t.ok(Number.isNaN(microseconds(none, 'auto')));
});

t.test('symbols are dealt out to connections within the limit', async (t) => {
  const symbols = ['a', 'b', 'c', 'd', 'e'];
  const parts = (perConnection: number, least: number, urls = 1) =>
    divideSymbols(symbols, urls, perConnection, least).map((one) => `${one.url}:${one.symbols.join('')}`);
  t.strictSame(parts(Number.POSITIVE_INFINITY, 1), ['0:abcde']);
  t.strictSame(parts(2, 1), ['0:ad', '0:be', '0:c']);
  t.strictSame(parts(Number.POSITIVE_INFINITY, 2), ['0:ace', '0:bd']);
  t.strictSame(parts(Number.POSITIVE_INFINITY, 1, 2), ['0:abcde', '1:abcde']);
  t.strictSame(divideSymbols([], 2, 10, 4), [
    { symbols: [], url: 0 },
    { symbols: [], url: 1 },
  ]);
});

t.test('ranges give up single numbers, and forget the oldest', async (t) => {
  const ranges = new Ranges(2);
  ranges.add(1, 5);
  t.ok(ranges.remove(3));
  t.notOk(ranges.remove(3));
  t.ok(ranges.remove(1));
  ranges.add(10, 10);
  ranges.add(20, 20);
  t.notOk(ranges.remove(2), 'the oldest are forgotten');
  t.ok(ranges.remove(10));
});

t.test('a 32-bit float is told by its shortest decimal', async (t) => {
  for (const decimal of [189.35, 1346.8599, 0.00012345, 65_432.11, 3])
    t.equal(shortestFloat(Math.fround(decimal)), decimal);
});
