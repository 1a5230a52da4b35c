/** Sends the same requests to Kafka's Connect worker and to ours, and compares the answers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { bothAnswers, bothSettle, marks, startPair } from './pair.ts';
import { GROUPS } from './rest-steps.ts';

const skip = await skipUnlessAvailable('connect');

/** How long a read may be repeated until both answer the same, in milliseconds. */
const SETTLE_MS = 10_000;

t.test('Kafka Connect and we answer the same requests in the same way', { skip, timeout: 400_000 }, async (t) => {
  const pair = await startPair(t, await sharedKafka());
  writeFileSync(join(pair.dir, 'in.txt'), 'one\ntwo\nthree\n');
  for (const [what, steps] of GROUPS) {
    await t.test(what, async (t) => {
      for (const { send, until, differs } of steps) {
        const [method, path, body] = send;
        const title = `${method} ${path}${body === undefined ? '' : ` ${typeof body === 'string' ? body : JSON.stringify(body)}`}`;
        const from = marks(pair);
        const [java, ours] = await bothAnswers(pair, send, method === 'GET' && !differs ? SETTLE_MS : 0);
        if (differs) {
          t.match(java, differs.java, `${title}: Java`);
          t.match(ours, differs.ours, `${title}: ${differs.why}`);
        } else t.strictSame(ours, java, title);
        if (until) await bothSettle(pair, from, until, title);
      }
    });
  }
});
