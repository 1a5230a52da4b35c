/** Workers of Java and ours at the same time in one group, as one kind is replaced by the other, worker by worker. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { openKafka } from '../../src/broker/kafka/index.ts';
import { tempDir, until } from '../support/worker.ts';
import { CopiedFile } from './copied-file.ts';
import { type GroupWorker, startJava, startOurs, statesOf, untilOn } from './group.ts';
import { groupProps } from './pair.ts';
import { followTopic } from './topic-log.ts';

const skip = await skipUnlessAvailable('connect');

const SOURCES = ['one', 'two', 'three'];
const ONCE = { missing: 0, repeated: 0, ordered: true };

async function setUp(t: Test, more: Props = {}) {
  const bootstrap = await sharedKafka();
  const group = `rolling-${randomBytes(4).toString('hex')}`;
  const dir = tempDir(t);
  const broker = await openKafka({ configs: { 'bootstrap.servers': bootstrap }, clientId: 'test' });
  t.teardown(() => broker.close());
  const props = {
    ...groupProps(bootstrap, group),
    'heartbeat.interval.ms': '500',
    'session.timeout.ms': '6000',
    'scheduled.rebalance.max.delay.ms': '2000',
    'consumer.session.timeout.ms': '6000',
    'consumer.heartbeat.interval.ms': '500',
    ...more,
  };
  const file = new CopiedFile(broker, dir, `${group}-lines`);
  const feeding = setInterval(() => file.grow(50), 100);
  t.teardown(() => clearInterval(feeding));
  const copy = `${group}-copy`;
  const small = (name: string) => {
    writeFileSync(join(dir, name), `${name}\n`);
    return { 'connector.class': 'FileStreamSource', file: join(dir, name), topic: `${group}-${name}` };
  };
  /** @returns how many tasks each connector has */
  const create = async (one: GroupWorker, other: GroupWorker): Promise<Readonly<Record<string, number>>> => {
    await one.call('PUT', '/connectors/big/config', file.source());
    await other.call('PUT', `/connectors/${copy}/config`, file.sink({ 'tasks.max': '2' }));
    for (const name of SOURCES) await one.call('PUT', `/connectors/${name}/config`, small(name));
    return { big: 1, [copy]: 2, ...Object.fromEntries(SOURCES.map((name) => [name, 1])) };
  };
  /** Waits until all is copied. @returns what has become of it */
  const finish = async () => {
    clearInterval(feeding);
    await until(async () => (await file.inTopic()).length >= file.lines && file.sunk >= file.size, 500);
    return { topic: file.tally(await file.inTopic()), output: file.tally(file.inOutput()) };
  };
  /** How many keys workers have signed with until now. */
  const sessionKeys = async (): Promise<number> => {
    const log = followTopic(broker, `${group}-configs`);
    await log.readToEnd();
    return log.records.filter(({ key }) => key === 'session-key').length;
  };
  return {
    sessionKeys,
    file,
    copy,
    small,
    create,
    finish,
    java: () => startJava(t, dir, props),
    ours: () => startOurs(t, dir, props),
  };
}

/** Waits until all runs on these workers, and something on each. */
async function untilSpread(
  workers: readonly GroupWorker[],
  connectors: Readonly<Record<string, number>>,
): Promise<void> {
  const ids = new Set(workers.map(({ id }) => id));
  for (const asked of workers)
    await until(async () => {
      const names = Object.keys(connectors);
      const states = await Promise.all(names.map((name) => statesOf(asked, name)));
      const tasks = states.flatMap((one) => one?.tasks ?? []);
      const all = [...tasks, ...states.flatMap((one) => (one ? [one.connector] : []))];
      return (
        names.every((name, i) => states[i]?.tasks.length === connectors[name]) &&
        all.every(({ state, worker_id }) => state === 'RUNNING' && ids.has(worker_id)) &&
        new Set(tasks.map(({ worker_id }) => worker_id)).size === ids.size
      );
    }, 100);
}

t.test(
  'a group moves from Java’s workers to ours, worker by worker, and back',
  { skip, timeout: 300_000 },
  async (t) => {
    const setting = await setUp(t, { 'inter.worker.key.ttl.ms': '4000' });
    const { file, copy, small } = setting;
    const [first, second] = await Promise.all([setting.java(), setting.java()]);
    const connectors = await setting.create(first, second);
    await untilSpread([first, second], connectors);
    t.comment('Java x 2');

    /** What users do, by way of one worker, whoever leads and whoever has it. */
    const use = async (by: GroupWorker, all: readonly GroupWorker[], name: string): Promise<void> => {
      t.match(await by.call('PUT', `/connectors/${name}/config`, small(name)), { status: 201 }, `${by.kind} creates`);
      await untilOn(all, name, 'RUNNING', 1);
      t.match(await by.call('PUT', `/connectors/${name}/pause`), { status: 202 });
      await untilOn(all, name, 'PAUSED', 1);
      t.match(await by.call('PUT', `/connectors/${name}/resume`), { status: 202 });
      await untilOn(all, name, 'RUNNING', 1);
      t.match(await by.call('POST', `/connectors/${name}/restart`), { status: 204 }, `${by.kind} restarts`);
      t.match(await by.call('POST', `/connectors/${name}/tasks/0/restart`), { status: 204 });
      t.match(await by.call('POST', `/connectors/${name}/restart?includeTasks=true`), { status: 202 });
      await untilOn(all, name, 'RUNNING', 1);
      t.match(await by.call('PUT', `/connectors/${copy}/config`, file.sink({ 'tasks.max': '4' })), { status: 200 });
      await untilOn(all, copy, 'RUNNING', 4);
      t.match(await by.call('PUT', `/connectors/${copy}/config`, file.sink({ 'tasks.max': '2' })), { status: 200 });
      await untilOn(all, copy, 'RUNNING', 2);
      t.match(await by.call('PUT', `/connectors/${name}/stop`), { status: 204 });
      await untilOn(all, name, 'STOPPED', 0);
      t.match(await by.call('DELETE', `/connectors/${name}/offsets`), { status: 200 });
      t.match(await by.call('DELETE', `/connectors/${name}`), { status: 204 }, `${by.kind} deletes`);
      for (const worker of all) await until(async () => (await statesOf(worker, name)) === null, 100);
    };

    await second.stop();
    const third = await setting.ours();
    await untilSpread([first, third], connectors);
    t.comment('Java leads, ours follows');
    const keysAtFirst = await setting.sessionKeys();
    for (const [i, by] of [first, third].entries()) await use(by, [first, third], `made-${i}`);
    await untilSpread([first, third], connectors);
    await until(async () => (await setting.sessionKeys()) > keysAtFirst + 1, 100);
    const secret = { ...small('one'), 'own.password': 'not for everybody' };
    t.match(await third.call('PUT', '/connectors/one/config', secret), { status: 200 });
    const { json: shown } = await third.call('GET', '/connectors/one/config');
    t.match(shown, { 'own.password': '[hidden]' });
    t.match(await third.call('PUT', '/connectors/one/config', shown), {
      status: 400,
      json: { message: /led by one in Java at .* would store \[hidden\] .* values of own\.password themselves/ },
    });
    t.match(
      (await first.call('GET', '/connectors/one/config')).json,
      secret,
      'a mask does not take the place of a secret',
    );
    await untilSpread([first, third], connectors);

    await first.stop();
    const fourth = await setting.ours();
    await untilSpread([third, fourth], connectors);
    t.comment('ours x 2');

    const keysOfJava = await setting.sessionKeys();
    await until(async () => (await setting.sessionKeys()) > keysOfJava + 1, 100);

    await fourth.stop();
    await first.start();
    await untilSpread([first, third], connectors);
    t.comment('ours leads, Java follows');
    for (const [i, by] of [first, third].entries()) await use(by, [first, third], `made-${i}`);
    await untilSpread([first, third], connectors);

    t.strictSame(await setting.finish(), { topic: ONCE, output: ONCE });
  },
);

t.test(
  'a kill -9 of either kind in a group of both loses nothing, and with exactly-once doubles nothing',
  { skip, timeout: 300_000 },
  async (t) => {
    const setting = await setUp(t, {
      'exactly.once.source.support': 'enabled',
      'consumer.isolation.level': 'read_committed',
    });
    const ours = await setting.ours();
    const java = await setting.java();
    const connectors = await setting.create(java, ours);
    await untilSpread([ours, java], connectors);
    t.comment('ours leads');
    await java.kill();
    await untilSpread([ours], connectors);
    await java.start();
    await untilSpread([ours, java], connectors);
    await ours.kill();
    await untilSpread([java], connectors);
    t.comment('Java leads');
    for (let times = 0; times < 2; times++) {
      await ours.start();
      await untilSpread([java, ours], connectors);
      await ours.kill();
    }
    await ours.start();
    await untilSpread([java, ours], connectors);
    t.match(await setting.finish(), { topic: ONCE, output: { missing: 0 } });
  },
);
