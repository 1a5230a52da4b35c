import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type TestWorker, tempDir, testWorker } from '../support/worker.ts';

const PLUGINS = `
import { defineConverter, defineSink, password, string } from '@tributary/api';
export const guarded = defineSink({
  class: 'test.Guarded',
  version: '1.0.0',
  config: {
    password: password({ default: null, doc: 'The secret.' }),
    'password.field': string({ default: 'pw', doc: 'No secret at all.' }),
  },
  async start() {
    return { async put() {} };
  },
});
export const open = defineSink({
  class: 'test.Open',
  version: '1.0.0',
  config: { password: string({ default: null, doc: 'Shown, says its author.' }) },
  async start() {
    return { async put() {} };
  },
});
export const converter = defineConverter({
  class: 'test.LockedConverter',
  version: '1.0.0',
  config: { pin: password({ default: null, doc: 'Of the registry.' }) },
  create: () => ({ fromConnect: () => null, toConnect: () => ({ schema: null, value: null }) }),
});
`;

async function scene(t: Test, props: Record<string, string> = {}): Promise<TestWorker> {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'guarded.ts'), PLUGINS);
  return testWorker(t, { 'plugin.path': dir, ...props });
}

const JAAS = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="me"';
const CONFIG = {
  'connector.class': 'test.Guarded',
  topics: 'x',
  password: 'plain-1',
  'password.field': 'plain-2',
  'value.converter': 'test.LockedConverter',
  'value.converter.pin': 'plain-3',
  'consumer.override.sasl.jaas.config': `${JAAS} password="plain-4";`,
  'producer.override.sasl.jaas.config': `${JAAS} password="\${env:NO_SUCH}";`,
  'consumer.override.ssl.key.password': `\${env:NO_SUCH}`,
  'value.converter.basic.auth.user.info': 'me:plain-5',
  'aws.secretAccessKey': 'plain-6',
  initial: 'plain-7',
};
const HIDDEN = '[hidden]';
const SHOWN = {
  ...CONFIG,
  password: HIDDEN,
  'value.converter.pin': HIDDEN,
  'consumer.override.sasl.jaas.config': HIDDEN,
  'value.converter.basic.auth.user.info': HIDDEN,
  'aws.secretAccessKey': HIDDEN,
  name: 'a',
};

t.test('every answer masks passwords, whatever defines them, and shows references', async (t) => {
  const { call, untilState } = await scene(t);
  const made = await call('POST', '/connectors', { name: 'a', config: CONFIG });
  t.equal(made.status, 201);
  t.same(made.json.config, SHOWN);
  await untilState('a', 'RUNNING', 1);
  t.same((await call('GET', '/connectors/a')).json.config, SHOWN);
  t.same((await call('GET', '/connectors/a/config')).json, SHOWN);
  t.same((await call('GET', '/connectors?expand=info')).json.a.info.config, SHOWN);
  t.same((await call('GET', '/connectors/a/tasks')).json[0].config, { ...SHOWN, 'task.class': 'test.GuardedTask' });
  t.same((await call('PATCH', '/connectors/a/config', { initial: 'other' })).json.config, {
    ...SHOWN,
    initial: 'other',
  });
  t.same((await call('PUT', '/connectors/a/config', CONFIG)).json.config, SHOWN);
});

t.test('who reads a config, edits it and puts it back destroys nothing', async (t) => {
  const { call, worker, untilState } = await scene(t);
  await call('PUT', '/connectors/a/config', CONFIG);
  const { json } = await call('GET', '/connectors/a/config');
  const put = await call('PUT', '/connectors/a/config', { ...json, 'tasks.max': '2' });
  t.match(put, { status: 200, json: { config: { ...SHOWN, 'tasks.max': '2' } } });
  t.same(worker.herder.config('a'), { ...CONFIG, 'tasks.max': '2', name: 'a' });
  await call('PATCH', '/connectors/a/config', { password: HIDDEN, 'value.converter.pin': 'new', 'tasks.max': null });
  t.same(worker.herder.config('a'), { ...CONFIG, 'value.converter.pin': 'new', name: 'a' });
  await untilState('a', 'RUNNING', 1);
});

t.test('a mask for which nothing is stored is refused', async (t) => {
  const { call, worker } = await scene(t);
  const create = await call('POST', '/connectors', { name: 'a', config: { ...CONFIG, password: HIDDEN } });
  t.match(create, { status: 400, json: { message: 'nothing is stored for password: send the value itself' } });
  await call('PUT', '/connectors/a/config', CONFIG);
  const put = await call('PUT', '/connectors/a/config', { ...SHOWN, 'ssl.key.password': HIDDEN });
  t.match(put, { status: 400, json: { message: 'nothing is stored for ssl.key.password' } });
  const patch = await call('PATCH', '/connectors/a/config', { other: HIDDEN });
  t.match(patch, { status: 400, json: { message: 'nothing is stored for other' } });
  t.same(worker.herder.config('a'), { ...CONFIG, name: 'a' });
});

t.test('a mask cannot be turned into the value by another class of connector', async (t) => {
  const { call } = await scene(t);
  await call('PUT', '/connectors/a/config', CONFIG);
  const config = { name: 'a', 'connector.class': 'test.Open', topics: 'x', password: HIDDEN };
  for (const answer of [
    await call('PUT', '/connectors/a/config', config),
    await call('PATCH', '/connectors/a/config', { 'connector.class': 'test.Open', password: HIDDEN }),
    await call('PUT', '/connector-plugins/test.Open/config/validate', config),
  ]) {
    t.match(answer, {
      status: 400,
      json: { message: 'cannot stand for password: with this config the value would be shown' },
    });
    t.notMatch(answer.text, 'plain-1');
  }
});

t.test('validation takes a mask for the stored value', async (t) => {
  const { call } = await scene(t);
  await call('PUT', '/connectors/a/config', CONFIG);
  const { status, text, json } = await call('PUT', '/connector-plugins/test.Guarded/config/validate', SHOWN);
  t.equal(status, 200);
  t.match(json, { error_count: 0 });
  t.notMatch(text, /plain-[13456]/);
  const stranger = await call('PUT', '/connector-plugins/test.Guarded/config/validate', { ...SHOWN, name: 'b' });
  t.match(stranger, { status: 400, json: { message: 'nothing is stored for password' } });
});

t.test('rest.mask.passwords=false shows passwords and stores masks, as Java workers do', async (t) => {
  const { call } = await scene(t, { 'rest.mask.passwords': 'false' });
  const made = await call('PUT', '/connectors/a/config', { ...CONFIG, 'value.converter.pin': HIDDEN });
  t.same(made.json.config, { ...CONFIG, 'value.converter.pin': HIDDEN, name: 'a' });
  t.match((await call('GET', '/connectors/a/tasks')).json[0]?.config ?? CONFIG, { password: 'plain-1' });
});
