import { type Props, RetriableError } from '@tributary/api';
import { runSink, type SinkOptions, type SinkRun } from '@tributary/api/testing';
import sqlServerSink from '@tributary/sink-mssql';
import t, { type Test } from 'tap';
import { database } from './database.ts';

const db = await database(t);

async function sink(topic: string, offsets: string, props: Props = {}, options: SinkOptions = {}): Promise<SinkRun> {
  const run = await runSink(
    sqlServerSink,
    {
      topics: topic,
      delivery: 'exactly_once',
      'offsets.table.name': offsets,
      'retry.backoff.ms': '1',
      ...db.props,
      ...props,
    },
    { assignment: [{ topic, partition: 0 }], ...options },
  );
  return run;
}
const values = (topic: string, ...ns: readonly number[]) => ns.map((n) => ({ topic, value: { n }, offset: n }));
const table = async (t: Test): Promise<readonly [topic: string, offsets: string]> => {
  const topic = db.tableName(t);
  await db.run(`CREATE TABLE [${topic}] (n int NULL)`);
  return [topic, db.tableName(t, 'offsets')];
};
const ns = async (topic: string) => (await db.rows(`SELECT n FROM [${topic}] ORDER BY n`)).flat();

t.test('records that come again are not written again, though they are inserted', async (t) => {
  const [topic, offsets] = await table(t);
  const first = await sink(topic, offsets);
  t.strictSame(first.requests, [{ kind: 'seek', offsets: [] }], 'nothing is known of the partition yet');
  await first.put(values(topic, 0, 1, 2));
  await first.close();
  const second = await sink(topic, offsets);
  t.strictSame(second.requests, [{ kind: 'seek', offsets: [{ topic, partition: 0, offset: 3 }] }]);
  await second.put(values(topic, 1, 2, 3));
  await second.close();
  t.strictSame(await ns(topic), [0, 1, 2, 3]);
  t.strictSame(
    await db.rows(
      `SELECT [connector], [topic], [partition], CONVERT(int, [epoch]) AS e, CONVERT(int, [offset]) AS o FROM [${offsets}]`,
    ),
    [['test', topic, 0, 2, 4]],
  );
});

t.test('a task that another has taken over from cannot write', async (t) => {
  const [topic, offsets] = await table(t);
  const zombie = await sink(topic, offsets);
  await zombie.put(values(topic, 0));
  const heir = await sink(topic, offsets);
  await t.rejects(zombie.put(values(topic, 1)), { message: /Another task has taken over/ });
  await heir.put(values(topic, 1));
  t.strictSame(await ns(topic), [0, 1]);
  await zombie.close();
  await heir.close();
});

t.test('a commit whose answer never came is not done twice', { skip: !db.double }, async (t) => {
  const [topic, offsets] = await table(t);
  const run = await sink(topic, offsets);
  await run.put(values(topic, 0));
  for (const drop of ['executed', 'unexecuted'] as const) {
    const fault = db.double!.failNext({ match: 'COMMIT TRANSACTION', drop });
    const next = values(topic, ...(drop === 'executed' ? [1, 2] : [3, 4]));
    await t.rejects(run.put(next), RetriableError);
    await run.put(next);
    t.equal(fault.struck, 1);
  }
  t.strictSame(await ns(topic), [0, 1, 2, 3, 4]);
  await run.close();
});

t.test('refused records are passed, and offsets move with the parts of a batch that is divided', async (t) => {
  const [topic, offsets] = await table(t);
  await db.run(`ALTER TABLE [${topic}] ADD CONSTRAINT [uq_${topic}] UNIQUE (n)`);
  const run = await sink(topic, offsets);
  await run.put([
    { topic, value: { n: 1 }, offset: 0 },
    { topic, value: { n: 'x' }, offset: 1 },
    { topic, value: { n: 1 }, offset: 2 },
    { topic, value: { n: 2 }, offset: 3 },
  ]);
  t.strictSame(
    run.errant.map(({ record }) => record.offset),
    [1, 2],
  );
  t.strictSame(await ns(topic), [1, 2]);
  t.strictSame(await db.rows(`SELECT CONVERT(int, [offset]) AS o FROM [${offsets}]`), [[4]]);
  await run.close();
});

t.test(
  'a database that is away when partitions are assigned is asked with the first write',
  { skip: !db.double },
  async (t) => {
    const [topic, offsets] = await table(t);
    const first = await sink(topic, offsets);
    await first.put(values(topic, 0, 1));
    await first.close();
    const fault = db.double!.failNext({
      match: 'LOGIN',
      after: 2,
      error: { number: 40613, message: 'away', class: 20 },
    });
    const run = await sink(topic, offsets, { 'connection.attempts': '1' });
    t.equal(fault.struck, 1);
    t.strictSame(run.requests, []);
    await run.put(values(topic, 0, 1, 2));
    t.strictSame(await ns(topic), [0, 1, 2]);
    await run.close();
  },
);

t.test('offsets pass a refused record only when its dead letter is stored', async (t) => {
  const [topic, offsets] = await table(t);
  let stored = false;
  const run = await sink(
    topic,
    offsets,
    {},
    {
      onFlushErrant: async () => {
        if (!stored) throw new RetriableError('Kafka is away');
      },
    },
  );
  const records = [
    { topic, value: { n: 1 }, offset: 0 },
    { topic, value: { n: 'x' }, offset: 1 },
    { topic, value: { n: 2 }, offset: 2 },
  ];
  await t.rejects(run.put(records), { name: 'RetriableError', message: 'Kafka is away' });
  const at = () => db.rows(`SELECT CONVERT(int, [offset]) AS o FROM [${offsets}]`);
  t.strictSame(await ns(topic), []);
  t.strictSame(await at(), [[-1]]);
  t.match(run.requests.at(-1), { kind: 'flushErrant', records: 1 });
  stored = true;
  await run.put(records);
  t.strictSame(await ns(topic), [1, 2]);
  t.strictSame(await at(), [[3]]);
  await run.close();
});
