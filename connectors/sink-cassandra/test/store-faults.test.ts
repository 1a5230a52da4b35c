import { errors, types } from 'cassandra-driver';
import t from 'tap';
import { faultOf } from '../src/store/faults.ts';

const ofHosts = (...inner: Error[]): Error =>
  new errors.NoHostAvailableError(Object.fromEntries(inner.map((error, i) => [`10.0.0.${i}`, error])), 'none');

t.test('a node that the driver has no connection to, as when it has just come back, is an outage', async (t) => {
  t.same(faultOf(ofHosts(new Error('No connection available'))), { kind: 'down' });
  t.same(faultOf(ofHosts()), { kind: 'down' });
  t.same(faultOf(new Error('No connection available')), { kind: 'down' }, 'of a statement that was to be prepared');
});

t.test('a login that every node refuses is not', async (t) => {
  const refused = new errors.AuthenticationError('wrong password');
  t.same(faultOf(ofHosts(refused, refused)), { kind: 'fatal' });
  t.same(faultOf(ofHosts(refused, Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }))), { kind: 'down' });
});

t.test('a mistake in a program may be the fault of a record', async (t) => {
  t.same(faultOf(new TypeError('x is not a function')), { kind: 'unknown' });
});

t.test('a column that a node does not know yet is no fault of a record', async (t) => {
  const invalid = (message: string) => new errors.ResponseError(types.responseErrorCodes.invalid, message);
  t.same(faultOf(invalid('Undefined column name f17 in table k.t')), { kind: 'transient' });
  t.same(faultOf(invalid('table t does not exist')), { kind: 'transient' });
  t.same(faultOf(invalid('Mutation is too large')), { kind: 'data' });
});
