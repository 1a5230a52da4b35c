import t from 'tap';
import { foldRows, type Row } from '../../src/write/fold.ts';
import { recordOf } from '../support.ts';

const row = (...values: Row['values']): Row => ({ record: recordOf({}), isDelete: false, values });
const erase = (key: string): Row => ({ record: recordOf({}), isDelete: true, values: [key] });
const shown = (rows: readonly Row[]) => rows.map(({ isDelete, values }) => (isDelete ? ['-', ...values] : values));

t.test('the last row of a key remains, at its place', async (t) => {
  t.strictSame(shown(foldRows([row('a', 1), row('b', 1), row('a', 2)], [0])), [
    ['b', 1],
    ['a', 2],
  ]);
});

t.test('a row that lacks fields keeps those of the row before it', async (t) => {
  t.strictSame(shown(foldRows([row('a', 1, 'x'), row('a', undefined, 'y'), row('a', null)], [0])), [['a', null, 'y']]);
});

t.test('of a delete and what follows it both remain', async (t) => {
  t.strictSame(shown(foldRows([row('a', 1), erase('a')], [0])), [['-', 'a']]);
  t.strictSame(shown(foldRows([row('a', 1, 2), erase('a'), row('a', 3), row('a', undefined, 4)], [0])), [
    ['-', 'a'],
    ['a', 3, 4],
  ]);
  t.strictSame(shown(foldRows([erase('a'), row('a', 1), erase('a')], [0])), [['-', 'a']]);
});

t.test('keys of several columns are told apart', async (t) => {
  t.equal(foldRows([row('a', 'bc'), row('ab', 'c'), row('1', 2), row(1, '2')], [0, 1]).length, 3);
  t.equal(foldRows([row(Buffer.from('a'), 1), row(Buffer.from('a'), 2)], [0]).length, 1);
  t.equal(foldRows([row(5n, 1), row(5, 2)], [0]).length, 1, 'a number in either of its forms');
});

t.test('10,000 updates of one key are one row', async (t) => {
  const rows = Array.from({ length: 10_000 }, (_, i) => row('AAPL', i));
  t.strictSame(shown(foldRows(rows, [0])), [['AAPL', 9999]]);
});
