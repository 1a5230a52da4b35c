/** What Kafka's Connect worker and ours write to the internal topics, and that each goes on where the other stopped. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPlainObject } from '@tributary/api';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { type TestWorker, testWorker, until } from '../support/worker.ts';
import {
  again,
  bothAnswers,
  bothSettle,
  gone,
  groupProps,
  marks,
  type Pair,
  type Side,
  startPair,
  status,
  taskConfig,
  usedTopics,
} from './pair.ts';
import { ask, change, type Step } from './steps.ts';
import { compacted, followTopic, type LogRecord, type TopicLog, topicValues } from './topic-log.ts';

const skip = await skipUnlessAvailable('connect');

const SOURCE = { 'connector.class': 'FileStreamSource', topic: 'lines-{tag}' };
const src = { ...SOURCE, file: '{dir}/in.txt', 'tasks.max': 1 };
const odd = { ...SOURCE, file: '{dir}/é\u001f<&\u007f.txt', topic: 'odd-{tag}' };
const snk = 'snk-{tag}';
const SINK = { 'connector.class': 'FileStreamSink', topics: 'lines-{tag}', file: '{dir}/out-{tag}.txt' };
const create = (name: string, config: object, more: object = {}) =>
  ['POST', '/connectors', { name, config, ...more }] as const;

const STEPS: readonly Step[] = [
  change(create('src é', src), status('src é', 'RUNNING', 'RUNNING'), usedTopics('src é', 'lines-{tag}')),
  change(create('odd', odd), status('odd', 'RUNNING', 'RUNNING'), usedTopics('odd', 'odd-{tag}')),
  change(create(snk, { ...SINK, 'tasks.max': '2' }, { initial_state: 'STOPPED' }), status(snk, 'STOPPED')),
  change(
    ['PUT', `/connectors/${snk}/resume`],
    status(snk, 'RUNNING', 'RUNNING', 'RUNNING'),
    usedTopics(snk, 'lines-{tag}'),
  ),
  change(['PUT', '/connectors/odd/pause'], status('odd', 'PAUSED', 'PAUSED')),
  change(['PUT', '/connectors/odd/pause'], status('odd', 'PAUSED', 'PAUSED')),
  change(['PUT', '/connectors/odd/resume'], status('odd', 'RUNNING', 'RUNNING')),
  change(['PUT', '/connectors/odd/stop'], status('odd', 'STOPPED')),
  change(['PUT', '/connectors/odd/resume'], status('odd', 'RUNNING', 'RUNNING')),
  change(
    ['PUT', `/connectors/${snk}/config`, { ...SINK, 'tasks.max': '1', x: '"\u0001\\é😀</' }],
    taskConfig(snk, 'tasks.max', '1'),
    status(snk, 'RUNNING', 'RUNNING'),
  ),
  change(['POST', '/connectors/odd/restart'], again('odd', null, 'RUNNING'), status('odd', 'RUNNING', 'RUNNING')),
  change(
    ['POST', '/connectors/odd/restart?includeTasks=true'],
    again('odd', null, 'RUNNING'),
    again('odd', 0, 'RUNNING'),
    status('odd', 'RUNNING', 'RUNNING'),
  ),
  change(['POST', '/connectors/odd/restart?onlyFailed=true'], status('odd', 'RUNNING', 'RUNNING')),
  change(['POST', '/connectors/odd/tasks/0/restart'], again('odd', 0, 'RUNNING'), status('odd', 'RUNNING', 'RUNNING')),
  change(create('gone', { ...src, file: '{dir}/none.txt' }), status('gone', 'RUNNING', 'RUNNING')),
  change(['PUT', '/connectors/gone/pause'], status('gone', 'PAUSED', 'PAUSED')),
  change(['DELETE', '/connectors/gone'], gone('gone')),
  change(
    ['PUT', '/connectors/never/config', { ...src, file: '{dir}/none.txt', 'tasks.max': '5' }],
    status('never', 'RUNNING', 'RUNNING'),
  ),
  change(create('paused', src, { initial_state: 'PAUSED' }), status('paused', 'PAUSED')),
  ask('GET', '/connectors'),
];

/** The internal topics of one worker. */
interface Internal {
  readonly configs: TopicLog;
  readonly offsets: TopicLog;
  readonly states: TopicLog;
}

const internal = ({ broker }: Pair, { group }: Side): Internal => ({
  configs: followTopic(broker, `${group}-configs`),
  offsets: followTopic(broker, `${group}-offsets`),
  states: followTopic(broker, `${group}-status`),
});

/** Without the texts that are the worker's own. */
const general = ({ tag, url }: Side, text: string): string =>
  text.replaceAll(tag, '{tag}').replaceAll(url.replace('http://', ''), '{worker}');

/** The value parsed, without what hangs on the moment and without the generation of Java's group, which we do not have. */
function plain(value: string | null): unknown {
  const json: unknown = value === null ? null : JSON.parse(value);
  if (!isPlainObject(json)) return json;
  if (isPlainObject(json['topic'])) return { topic: { ...json['topic'], discoverTimestamp: 0, task: 0 } };
  return 'generation' in json ? { ...json, generation: 0 } : json;
}

const entry = (side: Side, { key, value, headers }: LogRecord) => ({
  key: general(side, key),
  value: plain(value && general(side, value)),
  headers,
});

/** Starts our worker in the group of Java's, once the group knows that Java's is gone. */
async function startSuccessor(t: Test, props: Readonly<Record<string, string>>): Promise<TestWorker> {
  while (true) {
    try {
      return await testWorker(t, props);
    } catch (error) {
      if (!/is in use by another worker/.test(String(error))) throw error;
    }
  }
}

t.test('on one Kafka', { skip, timeout: 400_000 }, async (t) => {
  const pair = await startPair(t, await sharedKafka());
  const { java, ours, dir } = pair;
  writeFileSync(join(dir, 'in.txt'), 'one\ntwo\nthree\n');
  writeFileSync(join(dir, 'é\u001f<&\u007f.txt'), 'a\nb\n');
  for (const { send, until: settled } of STEPS) {
    const from = marks(pair);
    const title = `${send[0]} ${send[1]}`;
    const [javaAnswer, ourAnswer] = await bothAnswers(pair, send, send[0] === 'GET' ? 10_000 : 0);
    t.strictSame(ourAnswer, javaAnswer, title);
    if (settled) await bothSettle(pair, from, settled, title);
  }
  const topics = { java: internal(pair, java), ours: internal(pair, ours) };
  const readAll = async (): Promise<void> => {
    for (const side of Object.values(topics)) for (const log of Object.values(side)) await log.readToEnd();
  };
  await until(async () => {
    await readAll();
    return Object.values(topics).every(({ offsets }) => compacted(offsets.records).size === 2);
  });

  t.test('the config topics hold the same records in the same order', async (t) => {
    const records = (side: Side): unknown[] =>
      topics[side.name].configs.records.filter(({ key }) => key !== 'session-key').map((record) => entry(side, record));
    t.strictSame(records(ours), records(java));
    t.ok(records(java).length > 25);
  });

  t.test('the status topics hold the same keys with the same last states', async (t) => {
    const last = (side: Side): unknown =>
      [...compacted(topics[side.name].states.records).values()]
        .map((record) => entry(side, record))
        .sort((a, b) => (a.key < b.key ? -1 : 1));
    t.strictSame(last(ours), last(java));
  });

  t.test('the offsets topics hold the same bytes in the same partitions', async (t) => {
    const last = (side: Side): unknown =>
      [...compacted(topics[side.name].offsets.records).values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    t.strictSame(last(ours), last(java));
    t.match(last(java), [{ key: /\\u001F<&\u007f\.txt/, value: '{"position":4}' }, { value: '{"position":14}' }]);
  });

  t.test('each goes on where the other stopped, without a line missing or twice', async (t) => {
    const bootstrap = await sharedKafka();
    const count = 300_000;
    const text = `${Array.from({ length: count }, (_, i) => `line ${i}`).join('\n')}\n`;
    writeFileSync(join(dir, 'big.txt'), text);
    const copied = (): string => {
      try {
        return readFileSync(join(dir, 'copy.txt'), 'utf8');
      } catch {
        return '';
      }
    };
    const topic = `big-${java.tag}`;
    const big = { 'connector.class': 'FileStreamSource', file: join(dir, 'big.txt'), topic, 'batch.size': '100' };
    const copy = { 'connector.class': 'FileStreamSink', topics: topic, file: join(dir, 'copy.txt') };
    const end = async (): Promise<number> =>
      (await pair.broker.topics.endOffsets(topic).catch(() => []))[0]?.offset ?? 0;

    await java.send(['POST', '/connectors', { name: `copy-${java.tag}`, config: copy }]);
    await java.send(['POST', '/connectors', { name: 'big', config: big }]);
    await until(async () => (await end()) > 40_000);
    await java.send(['PUT', '/connectors/big/pause']);
    await until(async () => status('big', 'PAUSED', 'PAUSED')(java, []));
    await pair.java.handle.stop();
    const byJava = await end();
    t.ok(byJava > 0 && byJava < count, `Java stopped after ${byJava} lines`);

    const successor = await startSuccessor(t, groupProps(bootstrap, java.group));
    await successor.untilState('big', 'PAUSED', 1);
    await successor.untilState(`copy-${java.tag}`, 'RUNNING', 1);
    await successor.call('PUT', '/connectors/big/resume');
    await until(async () => (await end()) > byJava + 40_000);
    await successor.call('PUT', '/connectors/big/pause');
    await successor.untilState('big', 'PAUSED', 1);
    t.match(await successor.call('POST', '/connectors', { name: 'made here', config: { ...big, file: '/none' } }), {
      status: 201,
    });
    await successor.untilState('made here', 'RUNNING', 1);
    await successor.worker.stop();
    const byUs = await end();
    t.ok(byUs > byJava && byUs < count, `we stopped after ${byUs} lines`);

    await pair.java.handle.restart();
    await until(async () => status('made here', 'RUNNING', 'RUNNING')(java, []));
    await until(async () => status('big', 'PAUSED', 'PAUSED')(java, []));
    await java.send(['PUT', '/connectors/big/resume']);
    await until(async () => (await end()) >= count && copied().length >= text.length);
    const values = await topicValues(pair.broker, topic);
    t.equal(values.length, count);
    t.ok(
      values.every((value, i) => value === `line ${i}`),
      'the topic has every line once, in order',
    );
    t.ok(copied() === text, 'and so has the file of the sink');
  });
});
