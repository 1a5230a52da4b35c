import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { type WorkerClient, workerClient } from '../../src/rest/worker-client.ts';

/** A server that takes requests and never answers. */
async function silent(): Promise<{ url: string; asked: Promise<void> }> {
  const asked = Promise.withResolvers<void>();
  const server = createServer(() => asked.resolve());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: asked.promise };
}

const get = (client: WorkerClient, worker: string) =>
  client.send({ method: 'GET', worker, path: '/', headers: {}, body: undefined });

t.test('a worker that does not answer in time is given up', async (t) => {
  const { url } = await silent();
  await t.rejects(
    get(
      workerClient(() => ({}), 50),
      url,
    ),
    { message: 'there was no answer within 50 ms' },
  );
});

t.test('requests that are under way end when the client is closed', async (t) => {
  const { url, asked } = await silent();
  const client = workerClient(() => ({}));
  const answer = get(client, url);
  await Promise.all([t.rejects(answer, { message: /hang up|ECONNRESET/ }), asked.then(() => client.close())]);
});
