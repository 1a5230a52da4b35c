import type { Props } from '@tributary/api';
import { RetriableError } from '@tributary/api';
import { runSink, type SinkRun } from '@tributary/api/testing';
import { type SqlServerHandle, sqlServer } from '@tributary/services';
import sqlServerSink from '@tributary/sink-mssql';
import t, { type Test } from 'tap';

// A real server fails when it wants to: these are for the double alone.
const server = await sqlServer();
t.teardown(() => server.stop());

let topics = 0;

interface Running {
  readonly topic: string;
  readonly run: SinkRun;
  /** Puts rows by their ids, again and again as the worker does while the sink asks for it. */
  put(...ids: readonly number[]): Promise<number>;
  ids(): readonly unknown[];
}

async function running(t: Test, props: Props = {}, on: SqlServerHandle = server): Promise<Running> {
  const topic = `faults_${++topics}`;
  const run = await runSink(sqlServerSink, {
    topics: topic,
    'connection.url': on.url,
    'connection.user': on.user,
    'connection.password': on.password,
    'insert.mode': 'upsert',
    'pk.mode': 'record_key',
    'pk.fields': 'id',
    'auto.create': 'true',
    'retry.backoff.ms': '1',
    'retry.backoff.max.ms': '1',
    ...props,
  });
  t.teardown(() => run.close());
  return {
    topic,
    run,
    async put(...ids) {
      for (let attempt = 1; ; attempt++) {
        try {
          await run.put(ids.map((id) => ({ topic, key: id, value: { n: id }, offset: id })));
          return attempt;
        } catch (error) {
          if (!(error instanceof RetriableError) || attempt === 50) throw error;
        }
      }
    },
    ids: () => on.table(topic).rows.map(({ id }) => Number(id)),
  };
}

t.test('a deadlock is tried again at once, and then as a fault that may pass', async (t) => {
  const { put, ids } = await running(t);
  await put(1);
  server.failNext({ match: 'MERGE', error: 1205 });
  t.equal(await put(2), 1);
  server.failNext({ match: 'MERGE', error: 1205, times: 4 });
  t.equal(await put(3), 2);
  t.strictSame(ids(), [1, 2, 3]);
});

t.test('throttling and timeouts of locks are tried again, at most max.retries times', async (t) => {
  const { put, ids } = await running(t, { 'max.retries': '3' });
  await put(1);
  for (const error of [40501, 10928, 49918, 1222, 3960, 9002]) {
    const fault = server.failNext({ match: 'MERGE', error: { number: error, message: 'busy', class: 16 }, times: 2 });
    await put(2);
    t.equal(fault.struck, 2, String(error));
  }
  const fault = server.failNext({
    match: 'MERGE',
    error: { number: 40501, message: 'The service is busy', class: 20 },
    times: Number.POSITIVE_INFINITY,
  });
  await t.rejects(put(3), { message: /refused a write 4 times in a row.*The service is busy/s });
  fault.cancel();
  t.strictSame(ids(), [1, 2]);
});

t.test('a connection that breaks is opened again, wherever it breaks', async (t) => {
  const { put, ids } = await running(t);
  await put(1);
  let id = 1;
  const expected = [1];
  for (const match of ['BULK LOAD', 'INSERT BULK', 'MERGE', 'COMMIT TRANSACTION']) {
    for (const drop of ['unexecuted', 'executed'] as const) {
      const fault = server.failNext({ match, drop });
      await put(++id);
      expected.push(id);
      t.equal(fault.struck, 1, `${match}, ${drop}`);
    }
  }
  t.strictSame(ids(), expected);
});

t.test('a server that is killed and comes back finds everything written once', async (t) => {
  const own = await sqlServer();
  t.teardown(() => own.stop());
  const { put, ids, run } = await running(t, {}, own);
  await put(1, 2);
  await own.kill();
  await t.rejects(run.put([{ topic: `faults_${topics}`, key: 3, value: { n: 3 } }]), RetriableError);
  await t.rejects(run.put([{ topic: `faults_${topics}`, key: 3, value: { n: 3 } }]), RetriableError);
  t.equal(run.log.filter(({ level }) => level === 'warn').length, 1, 'one line when it goes');
  await own.restart();
  await put(3, 4);
  t.match(run.log.at(-1)!.message, /takes writes again/, 'one when it comes back');
  t.strictSame(ids(), [1, 2, 3, 4]);
});

t.test('a database that is failing over is waited for', async (t) => {
  const { put, ids } = await running(t);
  await put(1);
  server.failNext({ match: 'MERGE', error: { number: 3906, message: 'read-only', class: 16 } });
  server.failNext({ match: 'LOGIN', error: { number: 4060, message: 'Cannot open database', class: 11 }, times: 2 });
  server.failNext({ match: 'LOGIN', error: { number: 40613, message: 'not currently available', class: 20 } });
  t.ok((await put(2)) > 1);
  t.strictSame(ids(), [1, 2]);
});

t.test('what the server refuses is found by division, and a trigger that says no counts as that', async (t) => {
  const { topic, run, put } = await running(t);
  await put(1);
  server.failNext({ match: 'MERGE', error: { number: 50000, message: 'No rows on Sundays', class: 16 } });
  await run.put([{ topic, key: 2, value: { n: 2 } }]);
  t.match(run.errant, [{ error: { name: 'DataError', message: 'SQL Server error 50000: No rows on Sundays' } }]);
});

t.test('missing permissions and tables fail the task, with what to do', async (t) => {
  const { topic, put } = await running(t);
  await put(1);
  server.deny('UPDATE', `dbo.${topic}`);
  await t.rejects(put(2), { message: /SQL Server error 229: .*grant the login the permission/s });
  server.grant('UPDATE', `dbo.${topic}`);
  const absent = await running(t);
  server.deny('CREATE TABLE');
  await t.rejects(absent.put(1), { message: /262.*grant the login/s });
  server.grant('CREATE TABLE');
});

t.test('values in the errors of the server can be kept out of messages', async (t) => {
  const { topic, run, put } = await running(t, { 'trim.sensitive.log': 'true', 'insert.mode': 'insert' });
  await put(1);
  await run.put([{ topic, key: 1, value: { n: 4711 } }]);
  const error = run.errant[0]?.error as Error;
  t.match(error.message, /2627.*duplicate key value is \(\[hidden\]\).*its columns: id/s);
  t.notOk(error.cause);
});

t.test('the server understood everything', async (t) => {
  t.strictSame(server.refused, []);
});
