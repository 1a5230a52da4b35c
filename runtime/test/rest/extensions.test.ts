import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { rawRequest } from '../support/http.ts';
import { tempDir, testWorker } from '../support/worker.ts';

const OWN = `
import { defineRestExtension, string } from '@tributary/api';
export default defineRestExtension({
  class: 'com.example.ReadOnly',
  version: '1.0.0',
  config: { 'read.only.message': string({ doc: 'What is said.' }) },
  register(config, { cluster, log }) {
    log.info('read only');
    return {
      onRequest({ method, headers }) {
        if (headers['x-fail']) throw new Error('it broke');
        if (method !== 'GET' && headers['x-admin'] !== 'yes')
          return { status: 403, headers: { 'x-why': 'read-only' }, body: { error_code: 403, message: config['read.only.message'] } };
      },
      routes: [
        { method: 'GET', path: '/own/names', handle: ({ query }) => ({ status: 200, body: { query, names: cluster.connectors() } }) },
        { method: 'POST', path: '/own/echo', handle: (_request, body) => ({ status: 200, body: { id: cluster.kafkaClusterId, body } }) },
        { method: 'GET', path: '/own/health', handle: ({ query }) => ({ status: 200, body: { health: cluster.connectorHealth(query) ?? null, config: cluster.connectorConfig(query) ?? null } }) },
      ],
      close: () => log.info('closed'),
    };
  },
});
`;

t.test("a REST extension of one's own sees every request, may refuse it, and adds paths", async (t) => {
  const dir = tempDir(t);
  const file = join(dir, 'read-only.mjs');
  writeFileSync(file, OWN);
  const { call, url, log, worker, untilState } = await testWorker(t, {
    'plugin.path': file,
    'rest.extension.classes': 'ReadOnly',
    'read.only.message': 'Nothing can be changed here.',
  });
  const admin = { 'x-admin': 'yes' };
  t.notMatch(log.join('\n'), /not a known key/);
  t.equal((await call('GET', '/connectors')).status, 200);
  const refused = await call('PUT', '/connectors/x/pause');
  t.match(refused, { status: 403, json: { error_code: 403, message: 'Nothing can be changed here.' } });
  t.equal(refused.headers.get('x-why'), 'read-only');
  t.equal((await call('PUT', '/connectors/x/pause', undefined, admin)).status, 404);
  t.match(await rawRequest(url, 'GET', '/', { 'x-fail': '1' }), { status: 500, text: /it broke/ });
  const config = { 'connector.class': 'FileStreamSource', topic: 'x', file: join(dir, 'none') };
  t.equal((await call('POST', '/connectors', { name: 'a', config }, admin)).status, 201);
  await untilState('a', 'RUNNING', 1);
  t.same((await call('GET', '/own/names?a=b')).json, { query: 'a=b', names: ['a'] });
  t.match((await call('POST', '/own/echo', { x: [1] }, admin)).json, { id: String, body: { x: [1] } });
  t.match((await call('GET', '/own/health?a')).json, {
    health: { name: 'a', type: 'source', connector: { state: 'RUNNING' }, tasks: [{ id: 0, state: 'RUNNING' }] },
    config: { topic: 'x' },
  });
  t.same((await call('GET', '/own/health?b')).json, { health: null, config: null });
  const kinds = (await call('GET', '/connector-plugins?connectorsOnly=false')).json.map(
    (plugin: { type: string }) => plugin.type,
  );
  t.notOk(kinds.includes('rest_extension'), 'as in Java it is not listed');
  await worker.stop();
  t.match(log.join('\n'), /closed/);
});
