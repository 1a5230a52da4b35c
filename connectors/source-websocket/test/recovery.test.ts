/** What is asked of a REST API that does not answer as one would wish. */
import t from 'tap';
import type { Hole, Item, Recovery } from '../src/feed.ts';
import { recover } from '../src/recovery.ts';

const item = (sequence: number): Item => ({ symbol: 'A', key: 'A', value: null, time: null, sequence, id: null });
const hole: Hole = { symbol: 'A', from: 11, to: 20, after: 5_000 };

/** Asks a server by URL. @returns the numbers in the order of delivery, the URLs, and why something is missing */
async function ask(answer: (url: string, count: number) => string, recovery: Partial<Recovery> = {}, timeoutMs = 100) {
  const urls: string[] = [];
  const found: number[] = [];
  const reason = await recover(
    hole,
    {
      recovery: {
        url: 'http://rest',
        path: ({ from, to }) => `/${from}-${to}`,
        read: (text) => (JSON.parse(text) as number[]).map(item),
        ...recovery,
      },
      url: null,
      timeoutMs,
      maxRecords: 100,
      get: async (url) => {
        urls.push(url.slice('http://rest'.length));
        return answer(urls.at(-1)!, urls.length);
      },
      signal: new AbortController().signal,
    },
    (items) => {
      found.push(...items.map((one) => one.sequence!));
      return found.at(-1) === hole.to ? null : { ...hole, from: found.at(-1)! + 1 };
    },
  );
  return { urls, found, reason };
}

const all = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20];
const range = (url: string): readonly [number, number] => url.slice(1).split('-').map(Number) as [number, number];

t.test('a server that tells the newest first and cuts off the oldest is asked for these as well', async (t) => {
  const newest = (url: string): string => {
    const [from, to] = range(url);
    return JSON.stringify(
      all
        .filter((n) => n >= from && n <= to)
        .slice(-4)
        .reverse(),
    );
  };
  t.strictSame(await ask(newest), { urls: ['/11-20', '/11-16', '/11-12'], found: all, reason: null });
});

t.test('what is not before the later ones is not waited for', async (t) => {
  const { urls, found, reason } = await ask((url) => JSON.stringify(range(url)[1] === 20 ? [14, 15, 20] : []));
  t.strictSame({ urls, found, reason }, { urls: ['/11-20', '/11-13'], found: [14, 15, 20], reason: null });
});

t.test('an answer with later records only is the last word', async (t) => {
  const { urls, reason } = await ask(() => '[21,22]', {}, 60_000);
  t.strictSame(urls, ['/11-20']);
  t.equal(reason, 'the server does not have them');
});

t.test('what was found is delivered even if the server fails before the rest was', async (t) => {
  const { found, reason } = await ask((url) => (range(url)[1] === 20 ? '[19,20]' : '<html>'), {}, 300);
  t.strictSame(found, [19, 20]);
  t.match(reason, /not valid JSON/);
});

t.test('a server that is asked by time is followed page by page', async (t) => {
  const pages: Record<string, string> = {
    '/11-20': '[8,9]',
    '/since/9': '[10]',
    '/since/10': '[11,12,13,14,15,16,17,18,19,20,21]',
  };
  const next = (text: string): string => `/since/${(JSON.parse(text) as number[]).at(-1)}`;
  const { urls, found } = await ask((url) => pages[url]!, { next });
  t.strictSame(urls, ['/11-20', '/since/9', '/since/10']);
  t.strictSame(found, all);
});
