import t from 'tap';
import { exists } from '../src/cache.ts';
import { schemaRegistry, skipUnlessAvailable } from '../src/index.ts';
import { processExists } from './until.ts';

const skip = await skipUnlessAvailable('schema-registry');

async function request(url: string, body?: object): Promise<{ readonly status: number; readonly json: unknown }> {
  const response = await fetch(url, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
  });
  return { status: response.status, json: await response.json() };
}

t.test(
  'a registry answers as Confluent’s does when schemaRegistry() resolves, and stop() leaves nothing behind',
  {
    skip,
  },
  async (t) => {
    const registry = await schemaRegistry({ jit: 'quick' });
    t.match(registry.url, /^http:\/\/127\.0\.0\.1:\d+\/apis\/ccompat\/v7$/);
    t.same(await request(`${registry.url}/subjects`), { status: 200, json: [] });

    const versions = `${registry.url}/subjects/prices-value/versions`;
    const registered = await request(versions, { schema: '"string"' });
    t.match(registered, { status: 200, json: { id: Number } });
    t.match(await request(`${versions}/latest`), { json: { version: 1, schema: '"string"' } });
    t.match(
      await request(versions, { schema: '"int"' }),
      { status: 409 },
      'BACKWARD is the default, as in Confluent’s',
    );

    await registry.stop();
    t.notOk(processExists(registry.pid));
    t.notOk(await exists(registry.logFile), 'the folder is removed');
  },
);
