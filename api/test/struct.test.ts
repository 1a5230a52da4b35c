import { getField, isReorderedKey, setField } from '@tributary/api';
import t from 'tap';

t.test('fields are read from objects and maps alike, and inherited members are none', (t) => {
  t.equal(getField({ a: 1 }, 'a'), 1);
  t.equal(getField(new Map([['a', 1]]), 'a'), 1);
  t.equal(getField({}, 'constructor'), undefined);
  t.equal(getField({ constructor: 2 }, 'constructor'), 2);
  t.end();
});

t.test('a field named __proto__ is set as a field', (t) => {
  const target: Record<string, unknown> = {};
  setField(target, '__proto__', { admin: true });
  setField(target, 'a', 1);
  t.strictSame(Object.keys(target), ['__proto__', 'a']);
  t.equal(Object.getPrototypeOf(target), Object.prototype);
  t.end();
});

t.test('keys that objects reorder', (t) => {
  t.ok(['0', '1', '42', '4294967294'].every(isReorderedKey));
  t.notOk(['', '01', '-1', '1.5', 'a1', '12345678901'].some(isReorderedKey));
  t.end();
});
