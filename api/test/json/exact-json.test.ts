import { Fraction, parseExactJson, parseJson } from '@tributary/api/json';
import t from 'tap';

t.test('text without long numbers is parsed as by JSON.parse', (t) => {
  for (const text of ['{"a":[1,-2.5,"x\\n",null,true],"b":{"c":{}}}', '"0123456789012345"', '[0.1234567890123456789]'])
    t.strictSame(parseJson(text), JSON.parse(text), text);
  t.end();
});

t.test('integers keep every digit wherever they stand', (t) => {
  for (let before = 0; before < 40; before++) {
    const text = `["${'x'.repeat(before)}",9007199254740993]`;
    t.equal((parseJson(text) as unknown[])[1], 9007199254740993n, `${before} characters before`);
  }
  t.equal(parseJson('9007199254740993'), 9007199254740993n);
  t.equal(parseJson('[1.5,9007199254740993.5]') && true, true);
  t.end();
});

t.test('keys that a plain object would reorder or misread make a Map', (t) => {
  t.strictSame(
    [...(parseJson('{"b":1,"10":2,"9":3}') as Map<string, unknown>)],
    [
      ['b', 1],
      ['10', 2],
      ['9', 3],
    ],
  );
  t.ok(parseJson('{"\\u0031":1}') instanceof Map, 'also when the digit is escaped');
  t.ok(parseJson('{"\\u005f_proto__":1}') instanceof Map);
  t.strictSame(
    [...(parseJson('{"1":1,"a":2,"1":3}') as Map<string, unknown>)],
    [
      ['1', 3],
      ['a', 2],
    ],
    'the last of equal keys wins',
  );
  t.end();
});

t.test('fractions are handed out as they were written, on demand', (t) => {
  t.strictSame(parseExactJson('[1.50,1e2,7]', true), [new Fraction('1.50'), new Fraction('1e2'), 7]);
  t.end();
});

t.test('an error tells what and where', (t) => {
  const cases: [string, string][] = [
    ['{"a":tru}', "Unexpected 'tru' at position 5"],
    ['[1,]', "Unexpected ']' at position 3"],
    ['[1 2]', "Unexpected '2' where ',' should be at position 3"],
    ['{"a" 1}', "Unexpected '1' where ':' should be at position 5"],
    ['"abc', 'Unexpected end of JSON in a string at position 4'],
    ['"a\\x"', 'Invalid escape or raw control character in the string at position 0'],
    ['1 x', "Unexpected 'x' after the end of the value at position 2"],
  ];
  for (const [text, message] of cases) t.throws(() => parseJson(text), { message }, text);
  t.end();
});

t.test('as in Java, nothing has no sign, and what is too small to be told from it has', (t) => {
  for (const text of ['-0', '-0.0', '-0e5', '0.0']) t.ok(Object.is(parseJson(text), 0), text);
  t.ok(Object.is(parseJson('-1e-400'), -0));
  t.equal(parseJson('1e400'), Number.POSITIVE_INFINITY);
  t.end();
});

t.test('numbers and nesting have the limits of Java', (t) => {
  t.throws(() => parseJson('1e99999999999'), /exponent is out of range/);
  t.throws(() => parseJson('9'.repeat(1001)), /more than 1000 characters/);
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  t.doesNotThrow(() => parseJson(nested(1000)));
  t.throws(() => parseJson(nested(1001)), /deeper than 1000/);
  t.end();
});

t.test('a key with an escape is not taken for one of an object before', (t) => {
  t.strictSame(parseJson('{"x":1,"\\\\":2}'), { x: 1, '\\': 2 });
  t.strictSame(parseJson('{"x":1,"\\u00e9":3}'), { x: 1, é: 3 });
  t.strictSame(parseJson('[{"k":{"x":1,"\\u00e9":3}}]'), [{ k: { x: 1, é: 3 } }]);
  t.end();
});
