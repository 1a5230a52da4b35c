/** Workers of one group that get exactly-once one after the other, while a source goes on. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { openKafka } from '../../../src/broker/kafka/index.ts';
import { followTopic, topicValues } from '../../java/topic-log.ts';
import { groupOf, type TestWorker, tempDir, testWorker, until } from '../../support/worker.ts';

const skip = await skipUnlessAvailable('kafka');
const STRING = 'org.apache.kafka.connect.storage.StringConverter';

t.test('from disabled over preparing to enabled, worker by worker', { skip, timeout: 240_000 }, async (t) => {
  const id = `rolling-${process.pid}-${Date.now()}`;
  const bootstrap = await sharedKafka();
  const broker = await openKafka({ configs: { 'bootstrap.servers': bootstrap }, clientId: 'test' });
  t.teardown(() => broker.close());
  const start = (support: string): Promise<TestWorker> => {
    const props: Props = {
      'bootstrap.servers': bootstrap,
      ...groupOf(id),
      'exactly.once.source.support': support,
      'key.converter': STRING,
      'value.converter': STRING,
      'scheduled.rebalance.max.delay.ms': '0',
    };
    return testWorker(t, props);
  };
  const file = join(tempDir(t), 'in.txt');
  const written: string[] = [];
  const more = (line: string): void => {
    appendFileSync(file, `${line}\n`);
    written.push(line);
  };
  writeFileSync(file, '');
  const config = { 'connector.class': 'FileStreamSource', topic: id, file };
  const answers = async ({ call }: TestWorker, name: string, wanted: object): Promise<number> => {
    let status = 409;
    await until(async () => {
      ({ status } = await call('PUT', `/connectors/${name}/config`, wanted));
      return status !== 409;
    });
    return status;
  };

  let workers: readonly TestWorker[] = await Promise.all([start('disabled'), start('disabled')]);
  t.equal(await answers(workers[0]!, `${id}-src`, config), 201);
  for (const support of ['preparing', 'enabled']) {
    for (const old of workers) {
      more(`before one is ${support}`);
      await until(async () => (await topicValues(broker, id).catch((): string[] => [])).length === written.length);
      await old.worker.stop();
      const next = await start(support);
      workers = workers.map((worker) => (worker === old ? next : worker));
      await next.untilState(`${id}-src`, 'RUNNING', 1);
      t.equal(await answers(next, `${id}-src`, { ...config, 'batch.size': String(written.length + 1) }), 200);
    }
    const required = { ...config, topic: `${id}-required`, 'exactly.once.support': 'required' };
    t.equal(await answers(workers[0]!, `${id}-required`, required), support === 'enabled' ? 201 : 400);
  }
  more('the end');
  await until(async () => (await topicValues(broker, id)).length >= written.length);
  t.same(await topicValues(broker, id), written);
  const [end] = await broker.topics.endOffsets(id);
  t.ok(end!.offset > written.length, 'the last ones are in transactions');
  const configs = followTopic(broker, `${id}-configs`);
  await configs.readToEnd();
  t.ok(configs.records.some(({ key }) => key === `tasks-fencing-${id}-src`));
});
