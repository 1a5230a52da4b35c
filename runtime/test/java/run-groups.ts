import type { Test } from 'tap';
import { bothAnswers, bothSettle, marks, type Pair } from './pair.ts';
import type { Group } from './steps.ts';

/** How long a read may be repeated until both answer the same, in milliseconds. */
const SETTLE_MS = 10_000;

/** Sends the requests to both workers, one after another, and compares the answers. */
export async function runGroups(t: Test, pair: Pair, groups: readonly Group[]): Promise<void> {
  for (const [what, steps] of groups) {
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
}
