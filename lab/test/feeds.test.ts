/** Each preset for some seconds under faults of the simulator, killed meanwhile; `npm run soak -- feeds` goes on as long as it is told. */
import { FEEDS } from '@tributary/source-simulator/serve';
import t from 'tap';
import { audit, type Books, type Dealt } from '../src/feeds/account.ts';
import { feedOptions } from '../src/feeds/options.ts';
import { runFeeds } from '../src/feeds/run.ts';

t.jobs = 2;

const trade = (sequence: number, more: Partial<Dealt> = {}): Dealt => ({
  symbol: 'A',
  sequence,
  time: sequence * 1000,
  price: 1,
  size: 2,
  sent: true,
  lost: false,
  ...more,
});

const books = (more: Partial<Books>): Books => ({
  numbered: true,
  recovers: true,
  slackMs: 0,
  dealt: [trade(1), trade(2), trade(3)],
  known: () => true,
  delivered: [trade(1), trade(2), trade(3)],
  gaps: [],
  ...more,
});

t.test('the audit finds what is wrong', async (t) => {
  const gap = { symbol: 'A', from: 2, to: 2, since: 1500, until: 2500, recovered: false, reason: 'missing' };
  const silence = { ...gap, from: null, to: null, reason: 'disconnect' };
  const kept = [trade(1), trade(2, { sent: false, lost: true }), trade(3)];
  const of = (more: Partial<Books>): string => audit(books(more)).violations.join('; ');
  t.equal(of({}), '');
  t.equal(of({ dealt: kept, delivered: [trade(1), trade(3)], gaps: [gap] }), '');
  t.match(of({ dealt: kept, delivered: [trade(1), trade(3)] }), /1 were withheld, and neither came nor were told: A 2/);
  t.match(of({ delivered: [trade(1), trade(3)], gaps: [gap] }), /1 were sent and did not come: A 2/);
  t.equal(of({ delivered: [trade(1), trade(3)], gaps: [gap], recovers: false }), '');
  t.match(of({ delivered: [trade(1), trade(2), trade(2), trade(3)] }), /1 came twice/);
  t.match(of({ delivered: [trade(2), trade(1), trade(3)] }), /1 came out of order/);
  t.match(of({ gaps: [gap] }), /1 were told to be missing, and came/);
  t.match(of({ known: ({ time }) => time < 3000 }), /1 records are of no trade/);
  t.equal(of({ numbered: false, delivered: [trade(1), trade(3)], gaps: [silence] }), '');
  t.match(of({ numbered: false, delivered: [trade(1), trade(3)] }), /1 were sent, did not come/);
  t.match(of({ numbered: false, delivered: [trade(1), trade(1), trade(2), trade(3)] }), /2 came too often/);
});

for (const preset of FEEDS)
  t.test(`${preset}: what was sent is there once, and what was not is told`, { timeout: 240_000 }, async (t) => {
    const history: string[] = [];
    const args = ['--embedded', '--preset', preset, '--minutes', '0.1', '--every', '2', '--seed', '7'];
    const [outcome] = await runFeeds(feedOptions(args)!, (line) => history.push(line), new AbortController().signal);
    if (outcome!.violations.length > 0) t.comment(history.join('\n'));
    t.same(outcome!.violations, []);
    t.ok(outcome!.kills > 0 && outcome!.sent > 0 && outcome!.withheld > 0);
  });
