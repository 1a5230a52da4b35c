import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineSink, type SinkDefinition, string } from '@tributary/api';
import t, { type Test } from 'tap';
import { check } from '../../src/config/checked.ts';
import { connectorChecks } from '../../src/config/connector-checks.ts';
import type { ConnectorFile } from '../../src/config/files.ts';
import { type TestWorker, tempDir, testWorker } from '../support/worker.ts';

/** A sink with keys by pattern, `topic.<topic>.mapping`, whose checks wait for the test where it is told to. */
const PLUGIN = `
import { defineSink, string } from '@tributary/api';
export default defineSink({
  class: 'test.Mapped',
  version: '1.0.0',
  config: { host: string({ default: 'here', doc: 'Where.' }) },
  async validate(config, report, signal, props) {
    if (config.host === 'slow') await new Promise((resolve) => globalThis.letGo.push(resolve));
    if (config.host === 'may be down' && globalThis.down) report('host', 'It does not answer');
    for (const [key, value] of Object.entries(props)) {
      if (/^topic\\..*\\.mapping$/.test(key) && value !== 'all') report(key, 'No mapping: ' + value);
    }
    if (props['topic.needed.mapping'] === undefined && config.host === 'strict') report('topic.needed.mapping', 'It is missing');
    if (props['store.password'] !== undefined) report('store.password', 'Cannot log in with ' + props['store.password']);
    if (props.topics?.includes('forbidden')) report('topics', 'This topic is forbidden');
    if (props['value.converter'] === undefined && config.host === 'strict') report('value.converter', 'It needs one');
  },
  async start() {
    return { async put() {} };
  },
});
`;

async function scene(
  t: Test,
  connectors: readonly ConnectorFile[] = [],
): Promise<TestWorker & { readonly letGo: readonly (() => void)[] }> {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'mapped.ts'), PLUGIN);
  const letGo: Array<() => void> = [];
  Object.assign(globalThis, { letGo });
  const props = {
    'plugin.path': dir,
    'config.providers': 'env',
    'config.providers.env.class': 'EnvVarConfigProvider',
  };
  const worker = await testWorker(t, props, connectors);
  return Object.assign(worker, { letGo });
}

const CONFIG = { name: 'a', 'connector.class': 'test.Mapped', topics: 'x' };

async function infosOf({ call }: TestWorker, config: Record<string, string>) {
  const { status, text, json } = await call('PUT', '/connector-plugins/test.Mapped/config/validate', config);
  type Info = { definition: { type: string }; value: { name: string; value: string; errors: string[] } };
  const infos = new Map((json.configs as Info[]).map((info) => [info.value.name, info]));
  return { status, text, errorCount: json.error_count as number, infos };
}

t.test(
  'a connector reports errors on keys that no definition knows, and on those that all connectors have',
  async (t) => {
    const worker = await scene(t);
    const config = {
      ...CONFIG,
      host: 'strict',
      topics: 'x,forbidden',
      'topic.x.mapping': 'none',
      'topic.y.mapping': 'all',
    };
    const { status, errorCount, infos } = await infosOf(worker, config);
    t.equal(status, 200);
    t.equal(errorCount, 4);
    t.match(infos.get('topic.x.mapping'), { value: { value: 'none', errors: ['No mapping: none'] } });
    t.match(infos.get('topic.needed.mapping'), { value: { value: null, errors: ['It is missing'] } });
    t.match(infos.get('topics')?.value.errors, ['This topic is forbidden']);
    t.match(infos.get('value.converter')?.value.errors, ['It needs one']);
    t.notOk(infos.has('topic.y.mapping'), 'of what is right nothing is said');

    const refused = await worker.call('POST', '/connectors', { name: 'a', config });
    t.equal(refused.status, 400);
    t.match(refused.json.message, 'contains the following 4 error(s):\n');
    t.match(refused.json.message, 'No mapping: none');
    t.equal(
      (await worker.call('POST', '/connectors', { name: 'a', config: { ...CONFIG, 'topic.y.mapping': 'all' } })).status,
      201,
    );
  },
);

t.test('what a connector says of an unknown key gives no secret away', async (t) => {
  const worker = await scene(t);
  const { text, infos } = await infosOf(worker, { ...CONFIG, 'store.password': 'correct-horse' });
  t.match(infos.get('store.password'), {
    definition: { type: 'PASSWORD' },
    value: { value: '[hidden]', errors: ['Cannot log in with [hidden]'] },
  });
  t.notMatch(text, 'correct-horse');
});

t.test('a connector checks what references stand for, and is not asked while one cannot be looked up', async (t) => {
  process.env['TRIBUTARY_TEST_MAPPING'] = 'not-this-one';
  t.teardown(() => delete process.env['TRIBUTARY_TEST_MAPPING']);
  const worker = await scene(t);
  const found = `\${env:TRIBUTARY_TEST_MAPPING}`;
  const { text, infos } = await infosOf(worker, { ...CONFIG, 'topic.x.mapping': found });
  t.match(infos.get('topic.x.mapping')?.value, { value: found, errors: [`No mapping: ${found}`] });
  t.notMatch(text, 'not-this-one');

  const missing = `\${env:TRIBUTARY_TEST_NONE}`;
  const other = await infosOf(worker, { ...CONFIG, 'topic.x.mapping': 'none', 'store.password': missing });
  t.equal(other.errorCount, 1);
  t.match(other.infos.get('store.password')?.value.errors, [/Invalid value .* for configuration store.password/]);
});

t.test('checks that wait hold up no other command', async (t) => {
  const { call, letGo } = await scene(t);
  const slow = call('PUT', '/connectors/slow/config', { ...CONFIG, name: 'slow', host: 'slow' });
  t.equal((await call('PUT', '/connectors/a/config', CONFIG)).status, 201);
  t.equal((await call('PUT', '/connectors/a/pause')).status, 202);
  t.equal((await call('DELETE', '/connectors/a')).status, 204);
  t.equal(letGo.length, 1, 'they still wait');
  letGo[0]!();
  t.equal((await slow).status, 201);
});

t.test('a worker starts with the connectors of its files also when what they ask is down by then', async (t) => {
  Object.assign(globalThis, { down: false });
  const config = { ...CONFIG, host: 'may be down' };
  const { call, untilState, restart } = await scene(t, [{ name: 'a', config, initialState: null }]);
  await untilState('a', 'RUNNING', 1);
  Object.assign(globalThis, { down: true });
  await restart();
  await untilState('a', 'RUNNING', 1);
  t.equal((await call('PUT', '/connectors/a/config', config)).status, 400, 'whoever sends a config is told');
});

t.test('checks that take too long', async (t) => {
  const sink = (validate: SinkDefinition['validate']): SinkDefinition =>
    defineSink({
      class: 'test.Slow',
      version: '1',
      config: { host: string({ doc: 'Where.' }) },
      validate: validate!,
      start: () => ({ put() {} }),
    });
  const props = { host: 'far' };
  const checked = (validate: SinkDefinition['validate']) => {
    const definition = sink(validate);
    return connectorChecks(definition, check(definition.config, props), props, 20);
  };

  t.test('are an error by themselves', async (t) => {
    t.match(
      [...(await checked(() => new Promise(() => {})))],
      [['connector.class', [/^test.Slow has not finished its checks of the config within 20 ms/]]],
    );
  });

  t.test('may say where they waited', async (t) => {
    const reported = await checked(async (_config, report, signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      report('host', 'far does not answer');
    });
    t.strictSame([...reported], [['host', ['far does not answer']]]);
  });

  t.test('may end with an error of their own', async (t) => {
    const reported = await checked(async (_config, _report, signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      signal.throwIfAborted();
    });
    t.strictSame([...reported.keys()], ['connector.class']);
  });
});
