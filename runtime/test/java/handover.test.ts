/** Workers of Java and ours take over from each other on the same topics, in the middle of a file that is copied. */
import { randomBytes } from 'node:crypto';
import type { Props } from '@tributary/api';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { openKafka } from '../../src/broker/kafka/index.ts';
import { tempDir, until } from '../support/worker.ts';
import { CopiedFile } from './copied-file.ts';
import { type GroupWorker, startJava, startOurs, statesOf, untilOn } from './group.ts';
import { groupProps } from './pair.ts';
import { compacted, followTopic } from './topic-log.ts';

const skip = await skipUnlessAvailable('connect');
/** More than a worker copies before it is stopped. */
const LINES = { java: 100_000, ours: 200_000 };

/** Who is not there any more is missed sooner than in life. */
const QUICK: Props = {
  'heartbeat.interval.ms': '500',
  'session.timeout.ms': '6000',
  'consumer.session.timeout.ms': '6000',
  'consumer.heartbeat.interval.ms': '500',
};

async function setUp(t: Test, more: Props) {
  const bootstrap = await sharedKafka();
  const group = `handover-${randomBytes(4).toString('hex')}`;
  const dir = tempDir(t);
  const broker = await openKafka({ configs: { 'bootstrap.servers': bootstrap }, clientId: 'test' });
  t.teardown(() => broker.close());
  const props = { ...groupProps(bootstrap, group), ...QUICK, ...more };
  const file = new CopiedFile(broker, dir, `${group}-lines`);
  /** Writes more lines, and waits until the first of them are copied. */
  const partlyCopied = async (by: keyof typeof LINES): Promise<void> => {
    const before = file.lines;
    file.grow(LINES[by]);
    await until(async () => (await file.end()) > before + LINES[by] / 10);
  };
  return {
    t,
    broker,
    group,
    file,
    partlyCopied,
    java: () => startJava(t, dir, props),
    ours: () => startOurs(t, dir, props),
  };
}

type Setting = Awaited<ReturnType<typeof setUp>>;

/** Where the copy is after the workers have gone. */
async function place({ file, group }: Setting) {
  return { end: await file.end(), stored: await file.stored(`${group}-offsets`) };
}

/** Has a worker started, and tells for how long nothing was copied since the one before it was told to go. */
async function takeOver<T>({ t, file }: Setting, goneAt: number, start: () => Promise<T>): Promise<T> {
  const before = await file.end();
  t.ok(before < file.lines, 'the copy is half done');
  const started = await start();
  await until(async () => (await file.end()) > before);
  t.comment(`nothing was copied for ${Math.round(performance.now() - goneAt)} ms`);
  return started;
}

t.test('Java’s worker and ours take turns, in order and after kill -9', { skip, timeout: 300_000 }, async (t) => {
  const setting = await setUp(t, {});
  const { broker, group, file, partlyCopied } = setting;
  const [big, copy, waits, off] = ['big', `${group}-copy`, 'waits', 'off'];
  const none = { 'connector.class': 'FileStreamSource', topic: `${group}-none`, file: '/none' };

  const java = await setting.java();
  const states = followTopic(broker, `${group}-status`);
  for (const [name, config, initial_state] of [
    [big, file.source(), 'RUNNING'],
    [copy, file.sink({ 'tasks.max': '2' }), 'RUNNING'],
    [waits, none, 'PAUSED'],
    [off, none, 'STOPPED'],
  ] as const)
    t.match(await java.call('POST', '/connectors', { name, config, initial_state }), { status: 201 }, name);
  await untilOn([java], waits, 'PAUSED', 0);
  await untilOn([java], big, 'RUNNING', 1);
  t.match(await java.call('POST', `/connectors/${big}/restart?includeTasks=true`), { status: 202 });
  const logger = 'tributary.herder';
  t.match(await java.call('PUT', `/admin/loggers/${logger}?scope=cluster`, { level: 'ERROR' }), { status: 204 });
  await partlyCopied('java');
  let goneAt = performance.now();
  await java.stop();
  const first = await place(setting);
  const configs = followTopic(broker, `${group}-configs`);
  await configs.readToEnd();
  const [key, told] = [compacted(configs.records).get('session-key')?.value, configs.records.length];
  await states.readToEnd();
  const stated = states.records.length;

  const one = await takeOver(setting, goneAt, setting.ours);
  const two = await setting.ours();
  await untilOn([one, two], big, 'RUNNING', 1);
  await untilOn([two, one], copy, 'RUNNING', 2);
  await untilOn([one, two], waits, 'PAUSED', 0);
  await untilOn([one, two], off, 'STOPPED', 0);
  t.strictSame((await two.call('GET', '/connectors')).json.sort(), [big, copy, waits, off].sort());
  t.strictSame((await two.call('GET', `/connectors/${big}/topics`)).json, { [big]: { topics: [file.topic] } });
  t.not(
    (await one.call('GET', `/admin/loggers/${logger}`)).json.level,
    'ERROR',
    'levels that were asked for hold no longer',
  );
  await partlyCopied('ours');
  goneAt = performance.now();
  await Promise.all([one.kill(), two.kill()]);
  const second = await place(setting);
  await Promise.all([states.readToEnd(), configs.readToEnd()]);
  t.notOk(
    states.records.slice(stated).some(({ value }) => value?.includes('RESTARTING')),
    'the restart of before is not done again',
  );
  t.strictSame(configs.records.slice(told), [], 'nothing is written to the config topic only to take over');

  await takeOver(setting, goneAt, () => java.start());
  await untilOn([java], big, 'RUNNING', 1);
  await untilOn([java], waits, 'PAUSED', 0);
  await untilOn([java], off, 'STOPPED', 0);
  await partlyCopied('java');
  goneAt = performance.now();
  await java.kill();
  const third = await place(setting);

  await takeOver(setting, goneAt, () => one.start());
  await untilOn([one], copy, 'RUNNING', 2);
  t.match(await one.call('PUT', `/connectors/${waits}/resume`), { status: 202 });
  await untilOn([one], waits, 'RUNNING', 1);
  await partlyCopied('ours');
  goneAt = performance.now();
  await one.stop();
  const fourth = await place(setting);

  await takeOver(setting, goneAt, () => java.start());
  await untilOn([java], waits, 'RUNNING', 1);
  await until(async () => (await file.stored(`${group}-offsets`)) === file.lines, 100);
  const lines = await file.inTopic();
  const places = [first, second, third, fourth].map(({ end, stored }) => ({
    stored,
    written: lines[end - 1]! + 1,
    next: lines[end]!,
  }));
  for (const { stored, next } of places) t.equal(next, stored, 'the next goes on at the stored offset');
  for (const inOrder of [0, 3])
    t.equal(places[inOrder]!.written, places[inOrder]!.stored, 'who goes in order has stored all');
  const again = places.reduce((sum, { written, stored }) => sum + written - stored, 0);
  t.strictSame(file.tally(lines), { missing: 0, repeated: again, ordered: true }, 'the topic has each line');
  t.comment(`${again} lines twice: written after the last flush before a kill -9`);
  await until(() => file.sunk >= file.size && file.tally(file.inOutput()).missing === 0, 500);
  t.ok(file.tally(file.inOutput()).ordered, 'the sinks have gone on where the others were, or before');
  await configs.readToEnd();
  t.equal(compacted(configs.records).get('session-key')?.value, key, 'the session key of the first is that of all');
  t.match(await statesOf(java, copy), { connector: { state: 'RUNNING', worker_id: java.id } });
});

t.test('with exactly-once in both, each line is in the topic once', { skip, timeout: 300_000 }, async (t) => {
  const setting = await setUp(t, {
    'exactly.once.source.support': 'enabled',
    'consumer.isolation.level': 'read_committed',
    // Java's worker starts once the transactions of one that was killed have timed out.
    'producer.transaction.timeout.ms': '5000',
  });
  const { broker, group, file, partlyCopied } = setting;
  const put = async (worker: GroupWorker, note: string): Promise<void> => {
    const answer = await worker.call('PUT', '/connectors/big/config', {
      ...file.source({ 'batch.size': '500' }),
      note,
    });
    t.ok([200, 201].includes(answer.status), note);
    await until(async () => (await worker.call('GET', '/connectors/big/tasks')).json[0]?.config.note === note, 100);
    await untilOn([worker], 'big', 'RUNNING', 1);
  };

  const java = await setting.java();
  await put(java, 'first');
  t.match(await java.call('PUT', `/connectors/${group}-copy/config`, file.sink()), { status: 201 });
  await partlyCopied('java');
  let goneAt = performance.now();
  await java.kill();

  const ours = await takeOver(setting, goneAt, setting.ours);
  await put(ours, 'second');
  await partlyCopied('ours');
  goneAt = performance.now();
  await ours.kill();

  await takeOver(setting, goneAt, () => java.start());
  await put(java, 'third');
  await partlyCopied('java');
  goneAt = performance.now();
  await java.stop();

  await takeOver(setting, goneAt, () => ours.start());
  await until(async () => (await file.stored(`${group}-offsets`)) === file.lines && file.sunk >= file.size, 100);
  t.strictSame(file.tally(await file.inTopic()), { missing: 0, repeated: 0, ordered: true });
  t.equal(file.tally(file.inOutput()).missing, 0, 'and the sinks have missed none');
  const configs = followTopic(broker, `${group}-configs`);
  await configs.readToEnd();
  const fencings = configs.records.filter(({ key }) => key === 'tasks-fencing-big').map(({ value }) => value);
  t.strictSame(fencings, Array(3).fill('{"task-count":1}'), 'each fenced the task of the one before');
});
