import sql from 'mssql';
import t from 'tap';
import { sqlServer } from '../../src/index.ts';
import { configOf, connected, failsWith, poolTo } from './client.ts';

t.test('errors on demand, with the text and severity of the server', async (t) => {
  const { server, batch } = await connected(t);
  await batch('CREATE TABLE t (a int)');
  for (const [number, severity, message] of [
    [1205, 13, /chosen as the deadlock victim/],
    [8672, 16, /UPDATE or DELETE the same row/],
    [2627, 14, /Violation of/],
    [8152, 16, /would be truncated/],
    [208, 16, /Invalid object name/],
    [10928, 16, /request limit/],
  ] as const) {
    server.failNext({ match: 'insert into', error: number });
    await batch('SELECT 1 AS one');
    await failsWith(t, batch('INSERT INTO t VALUES (1)'), { number, class: severity, message });
  }
  server.failNext({ match: /^INSERT/, error: { number: 50001, message: 'mine' }, times: 2, after: 1 });
  await batch('INSERT INTO t VALUES (1)');
  await failsWith(t, batch('INSERT INTO t VALUES (2)'), { number: 50001, message: 'mine' });
  await failsWith(t, batch('INSERT INTO t VALUES (3)'), { number: 50001 });
  await batch('INSERT INTO t VALUES (4)');
  t.same(server.table('t').rows, [{ a: 1 }, { a: 4 }]);
  t.same(server.refused, []);
});

t.test('errors of severity 20 end the connection', async (t) => {
  const { server, batch } = await connected(t);
  for (const number of [40501, 40197]) {
    server.failNext({ match: 'AS struck', error: number });
    await failsWith(t, batch('SELECT 1 AS struck'), { number });
    t.same(await batch('SELECT 2 AS a'), [{ a: 2 }], 'the pool has another');
  }
});

t.test('a deadlock victim has lost its transaction', async (t) => {
  const { server, pool, batch } = await connected(t);
  await batch('CREATE TABLE t (a int)');
  const transaction = new sql.Transaction(pool);
  let rolledBack = false;
  transaction.on('rollback', (aborted) => {
    rolledBack = aborted;
  });
  await transaction.begin();
  await transaction.request().batch('INSERT INTO t VALUES (1)');
  server.failNext({ match: 'INSERT', error: 1205 });
  await failsWith(t, transaction.request().batch('INSERT INTO t VALUES (2)'), { number: 1205 });
  t.ok(rolledBack);
  t.same(server.table('t').rows, []);
});

t.test('the connection breaks before, after and in the middle', async (t) => {
  const { server, batch } = await connected(t);
  await batch('CREATE TABLE t (a int)');
  for (const [drop, rows] of [
    ['unexecuted', 0],
    ['executed', 1],
    ['halfway', 2],
  ] as const) {
    server.failNext({ match: 'INSERT', drop });
    await t.rejects(batch('INSERT INTO t VALUES (1)'), { code: /ECLOSE|ESOCKET|ECONNRESET/ }, drop);
    t.equal(server.table('t').rows.length, rows, drop);
  }
});

t.test('the connection breaks at the commit', async (t) => {
  const { server, batch } = await connected(t);
  await batch('CREATE TABLE t (a int)');
  const insertAndCommit = async (a: number): Promise<void> => {
    const transaction = new sql.Transaction(await poolTo(t, server));
    transaction.on('rollback', () => undefined);
    await transaction.begin();
    await transaction.request().batch(`INSERT INTO t VALUES (${a})`);
    await transaction.commit();
  };
  server.failNext({ match: 'COMMIT', drop: 'unexecuted' });
  await t.rejects(insertAndCommit(1), Error);
  t.same(server.table('t').rows, []);
  server.failNext({ match: 'COMMIT', drop: 'executed' });
  await t.rejects(insertAndCommit(2), Error);
  t.same(server.table('t').rows, [{ a: 2 }]);
  await insertAndCommit(3);
});

t.test('it is killed in the middle of a transaction, and is back with what was committed', async (t) => {
  const { server, pool, batch } = await connected(t);
  await batch('CREATE TABLE t (a int); INSERT INTO t VALUES (1)');
  const transaction = new sql.Transaction(pool);
  transaction.on('rollback', () => undefined);
  await transaction.begin();
  await transaction.request().batch('INSERT INTO t VALUES (2)');
  const { port } = server;
  await server.kill();
  t.equal(server.connections, 0);
  await t.rejects(transaction.request().batch('INSERT INTO t VALUES (3)'), Error);
  await t.rejects(new sql.ConnectionPool(configOf(server)).connect(), { code: 'ESOCKET' });
  await server.restart();
  t.equal(server.port, port);
  t.same((await (await poolTo(t, server)).request().query('SELECT a FROM t')).recordset, [{ a: 1 }]);
});

t.test('answers are held back', async (t) => {
  const { server, batch } = await connected(t);
  const gate = Promise.withResolvers<void>();
  const fault = server.failNext({ until: gate.promise });
  const order: string[] = [];
  const held = batch('SELECT 1 AS a').then(() => order.push('answered'));
  order.push('let go');
  gate.resolve();
  await held;
  t.same(order, ['let go', 'answered']);
  t.equal(fault.struck, 1);
});

t.test('a login fails', async (t) => {
  const server = await sqlServer();
  t.teardown(() => server.stop());
  server.failNext({ match: 'LOGIN', error: 4060 });
  await t.rejects(new sql.ConnectionPool(configOf(server)).connect(), { code: 'ELOGIN' });
  await poolTo(t, server);
});

t.test('a fault is cancelled', async (t) => {
  const { server, batch } = await connected(t);
  const fault = server.failNext({ match: 'AS a', error: 1205, times: Number.POSITIVE_INFINITY });
  await failsWith(t, batch('SELECT 1 AS a'), { number: 1205 });
  fault.cancel();
  t.same(await batch('SELECT 1 AS a'), [{ a: 1 }]);
  t.equal(fault.struck, 1);
});

t.test('all connections break, and new ones are taken', async (t) => {
  const { server, batch } = await connected(t);
  await batch('SELECT 1 AS a');
  server.disconnect();
  await poolTo(t, server).then(async (pool) =>
    t.same((await pool.request().query('SELECT 1 AS a')).recordset, [{ a: 1 }]),
  );
});
