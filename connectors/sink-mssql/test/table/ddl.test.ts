import { parseDecimal } from '@tributary/api';
import t from 'tap';
import { inferSchema, sqlType } from '../../src/table/ddl.ts';
import { configOf } from '../support.ts';

const inferred = (key: boolean, ...values: readonly unknown[]): string | null => {
  const schema = inferSchema(values, key);
  return schema && sqlType('c', schema, key, configOf());
};

t.test('columns for values without a schema', async (t) => {
  t.equal(inferred(false, null, undefined), null);
  t.equal(inferred(false, 100, null, 100.5), 'float');
  t.equal(inferred(true, 100, 200), 'bigint');
  t.equal(inferred(true, 100, 0.5), 'float');
  t.equal(inferred(false, 1, 2n ** 60n), 'bigint');
  t.equal(inferred(false, 2n ** 70n), 'decimal(38,0)');
  t.equal(inferred(false, true, false), 'bit');
  t.equal(inferred(false, new Date(0)), 'datetime2(7)');
  t.equal(inferred(false, new Uint8Array(1)), 'varbinary(max)');
  t.equal(inferred(false, parseDecimal('1.5'), parseDecimal('1.25')), 'decimal(38,2)');
  t.equal(inferred(true, 'x'), 'nvarchar(450)');
  t.equal(inferred(false, { a: 1 }), 'nvarchar(max)');
});

t.test('one odd value among others decides nothing', async (t) => {
  t.equal(inferred(false, 'not for sale', 1, 2, 3), 'float');
  t.equal(inferred(false, 1, 'a', 'b'), 'nvarchar(max)');
});
