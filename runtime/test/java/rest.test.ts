/** Sends the same requests to Kafka's Connect worker and to ours, and compares the answers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { startPair } from './pair.ts';
import { GROUPS } from './rest/index.ts';
import { runGroups } from './run-groups.ts';

const skip = await skipUnlessAvailable('connect');

t.test('Kafka Connect and we answer the same requests in the same way', { skip, timeout: 400_000 }, async (t) => {
  const pair = await startPair(t, await sharedKafka());
  writeFileSync(join(pair.dir, 'in.txt'), 'one\ntwo\nthree\n');
  await runGroups(t, pair, GROUPS);
});
