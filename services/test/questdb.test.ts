import t from 'tap';
import { exists } from '../src/cache.ts';
import { questdb, skipUnlessAvailable } from '../src/index.ts';
import { processExists, until } from './until.ts';

const skip = await skipUnlessAvailable('questdb');

t.test('a QuestDB takes line protocol and answers SQL, and keeps its rows over a restart', { skip }, async (t) => {
  const server = await questdb({ jit: 'quick' });
  const write = await fetch(`${server.url}/api/v2/write?precision=ms`, {
    method: 'POST',
    body: 'prices,symbol=BTC value=100.5 1700000000000',
  });
  t.equal(write.status, 204);

  const rows = async () => {
    const query = new URLSearchParams({ query: 'select symbol, value from prices' });
    const answer = (await (await fetch(`${server.url}/exec?${query}`)).json()) as { dataset?: unknown };
    return answer.dataset;
  };
  await until('the row can be read', async () => JSON.stringify(await rows()) === '[["BTC",100.5]]');
  await server.restart();
  t.same(await rows(), [['BTC', 100.5]]);
  await server.stop();
  t.notOk(processExists(server.pid));
  t.notOk(await exists(server.dataDir), 'the data folder is removed');
});
