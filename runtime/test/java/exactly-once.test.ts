/** What Kafka's Connect worker and ours write with exactly-once enabled in both, and whom each takes for a zombie. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { until } from '../support/worker.ts';
import { bothAnswers, bothSettle, gone, marks, type Side, startPair, status, taskConfig } from './pair.ts';
import { change, type Step } from './steps.ts';
import { compacted, followTopic, topicValues } from './topic-log.ts';

const skip = await skipUnlessAvailable('connect');

const SOURCE = { 'connector.class': 'FileStreamSource', topic: 'lines-{tag}', file: '{dir}/in.txt' };
const at = (position: number) => ({ offsets: [{ partition: { filename: '{dir}/in.txt' }, offset: { position } }] });

const offsetIs =
  (position: number) =>
  async (side: Side): Promise<boolean> => {
    const { body } = await side.send(['GET', '/connectors/src/offsets']);
    return (body as { offsets?: { offset: unknown }[] }).offsets?.[0]?.offset?.['position' as never] === position;
  };

const STEPS: readonly Step[] = [
  change(['POST', '/connectors', { name: 'src', config: SOURCE }], status('src', 'RUNNING', 'RUNNING'), offsetIs(14)),
  change(
    ['PUT', '/connectors/src/config', { ...SOURCE, 'batch.size': '1000' }],
    taskConfig('src', 'batch.size', '1000'),
    status('src', 'RUNNING', 'RUNNING'),
  ),
  change(['PUT', '/connectors/src/stop'], status('src', 'STOPPED')),
  change(['PATCH', '/connectors/src/offsets', at(4)], offsetIs(4)),
  change(['PUT', '/connectors/src/resume'], status('src', 'RUNNING', 'RUNNING'), offsetIs(14)),
  change(['PUT', '/connectors/src/pause'], status('src', 'PAUSED', 'PAUSED')),
  change(['PUT', '/connectors/src/stop'], status('src', 'STOPPED')),
  change(['DELETE', '/connectors/src/offsets']),
  change(['DELETE', '/connectors/src'], gone('src')),
  change(['POST', '/connectors', { name: 'src', config: SOURCE }], status('src', 'RUNNING', 'RUNNING'), offsetIs(14)),
  change(
    ['POST', '/connectors', { name: 'idle', config: SOURCE, initial_state: 'STOPPED' }],
    status('idle', 'STOPPED'),
  ),
  change(['DELETE', '/connectors/idle/offsets']),
];

t.test('with exactly-once in both', { skip, timeout: 300_000 }, async (t) => {
  const pair = await startPair(t, await sharedKafka(), { 'exactly.once.source.support': 'enabled' });
  const { java, ours, dir, broker } = pair;
  writeFileSync(join(dir, 'in.txt'), 'one\ntwo\nthree\n');
  for (const { send, until: settled } of STEPS) {
    const from = marks(pair);
    const title = `${send[0]} ${send[1]}`;
    const [javaAnswer, ourAnswer] = await bothAnswers(pair, send);
    t.strictSame(ourAnswer, javaAnswer, title);
    if (settled) await bothSettle(pair, from, settled, title);
  }

  t.test('the config topics hold the same records in the same order, written in transactions', async (t) => {
    const records = async (side: Side): Promise<readonly unknown[]> => {
      const log = followTopic(broker, `${side.group}-configs`);
      await log.readToEnd();
      const [end] = await broker.topics.endOffsets(`${side.group}-configs`);
      t.ok(
        end!.offset > log.records.length + 10,
        `${side.name}: ${end!.offset} offsets, ${log.records.length} records`,
      );
      const general = (text: string): string => text.replaceAll(side.tag, '{tag}');
      return log.records
        .filter(({ key }) => key !== 'session-key')
        .map(({ key, value }) => ({ key: general(key), value: value === null ? null : JSON.parse(general(value)) }));
    };
    const [byJava, byUs] = [await records(java), await records(ours)];
    t.strictSame(byUs, byJava);
    t.ok(byJava.length > 15);
  });

  t.test('the offsets topics end in the same bytes, and the topics of the records hold the same', async (t) => {
    const last = async (side: Side): Promise<unknown> => {
      const log = followTopic(broker, `${side.group}-offsets`);
      await log.readToEnd();
      return [...compacted(log.records).values()];
    };
    t.strictSame(await last(ours), await last(java));
    const values = (side: Side) => topicValues(broker, `lines-${side.tag}`);
    await until(async () => (await values(ours)).length >= 8 && (await values(java)).length >= 8);
    t.strictSame(await values(ours), ['one', 'two', 'three', 'two', 'three', 'one', 'two', 'three']);
    t.strictSame(await values(java), await values(ours));
  });

  t.test(
    'a leader whose transactional id another has taken cannot write, and goes on once it has it again',
    async (t) => {
      const put = (side: Side) => side.send(['PUT', '/connectors/other/config', { ...SOURCE, topic: 'other-{tag}' }]);
      const message =
        /^Failed to write to config topic; this may be due to a transient error and the request can be safely retried/;
      for (const side of [java, ours]) {
        const rival = await broker.producer({ clientId: 'test', transactionalId: `connect-cluster-${side.group}` });
        const refused = await put(side);
        t.match(refused, { status: side === java ? 500 : 409, body: { message } }, side.name);
        await rival.close(0);
        await until(async () => [200, 201].includes((await put(side)).status));
      }
    },
  );
});
