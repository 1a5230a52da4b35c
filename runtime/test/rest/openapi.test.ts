import { Validator } from '@seriousme/openapi-schema-validator';
import fastify from 'fastify';
import t from 'tap';
import { rememberRoutes } from '../../src/rest/route-table.ts';
import { testWorker } from '../support/worker.ts';

const shared = testWorker(t);

t.test('the API describes itself in a valid OpenAPI 3.1 document', async (t) => {
  const { call } = await shared;
  const answer = await call('GET', '/openapi.json');
  t.equal(answer.status, 200);
  t.equal(answer.json.openapi, '3.1.0');
  t.match(await new Validator().validate(answer.json), { valid: true });
});

t.test('a route that is not described is refused', async (t) => {
  const app = fastify();
  rememberRoutes(app);
  t.throws(() => app.get('/new', async () => 'x'), /GET \/new is served but not described/);
});

t.test('every method that a path takes is described', async (t) => {
  const { call } = await shared;
  const { paths } = (await call('GET', '/openapi.json')).json;
  for (const [path, operations] of Object.entries<object>(paths)) {
    const allowed = (await call('OPTIONS', path.replace('{task}', '0').replace(/\{\w+\}/g, 'x'))).text.split(', ');
    const methods = allowed.filter((method) => !['HEAD', 'OPTIONS'].includes(method));
    t.same(
      methods.sort(),
      Object.keys(operations)
        .map((method) => method.toUpperCase())
        .sort(),
      path,
    );
  }
});

t.test('operations have names of their own, and every parameter of a path is known', async (t) => {
  const { call } = await shared;
  const { paths } = (await call('GET', '/openapi.json')).json;
  const ids: string[] = [];
  for (const operations of Object.values<object>(paths)) {
    for (const { operationId, parameters } of Object.values(operations)) {
      ids.push(operationId);
      for (const parameter of parameters) t.ok(parameter.schema, `${operationId} tells what ${parameter.name} is`);
    }
  }
  t.same(ids, [...new Set(ids)]);
});
