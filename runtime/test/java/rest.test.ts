/** Sends the same requests to Kafka's Connect worker and to ours, and compares the answers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { bothAnswers, startPair } from './pair.ts';
import { GROUPS } from './rest/index.ts';
import { runGroups } from './run-groups.ts';

const skip = await skipUnlessAvailable('connect');

t.test('Kafka Connect and we answer the same requests in the same way', { skip, timeout: 400_000 }, async (t) => {
  const pair = await startPair(t, await sharedKafka());
  writeFileSync(join(pair.dir, 'in.txt'), 'one\ntwo\nthree\n');
  await runGroups(t, pair, GROUPS);
  await t.test('the keys of all plugins that both have', async (t) => {
    t.ok(pair.pluginsOfBoth.size > 20);
    for (const plugin of pair.pluginsOfBoth) {
      const [java, ours] = await bothAnswers(pair, ['GET', `/connector-plugins/${plugin}/config`]);
      t.equal(java.status, 200, plugin);
      const keys = java.body as { name: string }[];
      // Some of ours have keys more than Java's.
      const shared = (ours.body as { name: string }[]).filter(({ name }) => keys.some((key) => key.name === name));
      t.strictSame(shared, keys, plugin);
    }
  });
});
