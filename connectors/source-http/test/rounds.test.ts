import type { SourceRecord } from '@tributary/api';
import { MemoryOffsets, runSource, startSource } from '@tributary/api/testing';
import t from 'tap';
import { httpSourceWith } from '../src/connector.ts';
import { compare } from '../src/fields.ts';
import { HastyClock, json, startApi } from './api-server.ts';

interface Row {
  readonly id: number;
  readonly at: number;
}

const rows = (count: number): Row[] => Array.from({ length: count }, (_, i) => ({ id: i, at: 1000 + i }));
const ids = (records: readonly SourceRecord[]): number[] => records.map(({ value }) => (value as Row).id);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const incremental = {
  topic: 'rows',
  'id.field': 'id',
  'offset.fields': 'at',
  'offset.initial': 'at=9',
  'retry.backoff.ms': '1',
};

/** Runs until `enough`, and then until the server was asked a few times more. */
async function settle(
  props: Record<string, string>,
  asked: readonly unknown[],
  { enough, offsets = new MemoryOffsets() }: { enough: number; offsets?: MemoryOffsets },
): Promise<{ records: readonly SourceRecord[]; log: readonly { readonly message: string }[] }> {
  const run = await startSource(httpSourceWith(new HastyClock()), props, { offsets });
  const pulled = run.take(Number.POSITIVE_INFINITY);
  pulled.catch(() => {});
  while (run.records.length < enough) await new Promise((done) => setTimeout(done, 2));
  const before = asked.length;
  while (asked.length < before + 12) await new Promise((done) => setTimeout(done, 2));
  await run.stop();
  await pulled.catch(() => {});
  return run;
}

t.test('what is higher is told by value, in whatever form it comes', async (t) => {
  const inOrder: ReadonlyArray<readonly (string | number | bigint)[]> = [
    ['9', 10, '11', 9007199254740993n, '9007199254740994'],
    ['-2.5', -1, '0.5', 1],
    [
      '2026-01-01',
      '2026-01-01T00:00:00.000000001Z',
      '2026-01-01T00:00:00.5Z',
      '2026-01-01T00:00:01Z',
      '2026-01-01T00:00:01.000001Z',
      '2026-01-01T02:00:02+02:00',
      '2026-01-01 00:00:03',
      '2025-12-31T19:00:04.10-0500',
    ],
    ['a', 'b'],
  ];
  for (const values of inOrder)
    for (const [i, value] of values.entries())
      for (const [j, other] of values.entries()) t.equal(Math.sign(compare(value, other)), Math.sign(i - j));
  t.equal(compare('2026-01-01T00:00:00Z', '2026-01-01T01:00:00.000+01:00'), 0, 'the same moment');
});

t.test('numbers are read on from a number in the config, however many digits that has', async (t) => {
  const all = rows(5);
  const api = await startApi(t, ({ url }, response) =>
    json(
      response,
      all.filter(({ at }) => at >= Number(url.searchParams.get('since'))),
    ),
  );
  const url = `${api.url}/rows?since=\${offset.at}`;
  const { records } = await runSource(
    httpSourceWith(new HastyClock()),
    { ...incremental, 'http.url': url },
    { take: 5 },
  );
  t.strictSame(ids(records), upTo(5));
});

t.test('times with and without a fraction of a second are in order, as Java prints them', async (t) => {
  const times = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.500Z', '2026-01-01T00:00:01Z'];
  let shown = 1;
  const api = await startApi(t, (_asked, response) => {
    json(
      response,
      times.slice(0, shown).map((at, id) => ({ id, at })),
    );
    shown = Math.min(3, shown + 1);
  });
  const { records } = await runSource(
    httpSourceWith(new HastyClock()),
    { ...incremental, 'http.url': api.url, 'offset.initial': 'at=2025-01-01' },
    { take: 3 },
  );
  t.strictSame(ids(records), upTo(3));
});

t.test('a server whose pages lead in a circle is left, and each record comes once', async (t) => {
  const pages: Record<string, { rows: Row[]; next: string }> = {
    '': { rows: rows(3), next: 'b' },
    b: { rows: rows(6).slice(3), next: 'c' },
    c: { rows: rows(9).slice(6), next: 'b' },
  };
  const api = await startApi(t, ({ url }, response) => json(response, pages[url.searchParams.get('cursor') ?? '']));
  const props = { 'http.url': api.url, 'records.path': 'rows', 'paging.type': 'cursor', 'paging.path': 'next' };
  const { records, log } = await settle({ ...incremental, ...props }, api.asked, { enough: 9 });
  t.strictSame(ids(records), upTo(9));
  t.match(log[0], { message: /names a page as the next one that was asked for before/ });
});

for (const type of ['page', 'offset'])
  t.test(`a server that does not know the parameter of paging.type=${type} is left`, async (t) => {
    const api = await startApi(t, (_asked, response) => json(response, rows(4)));
    const { records, log } = await settle({ ...incremental, 'http.url': api.url, 'paging.type': type }, api.asked, {
      enough: 4,
    });
    t.strictSame(ids(records), upTo(4));
    t.match(log[0], { message: /gives the same page again and again: check 'paging\.parameter'/ });
  });

for (const restarts of [false, true])
  t.test(
    `a page that fills before the next one is read is read again${restarts ? ', after a restart too' : ''}`,
    async (t) => {
      const SIZE = 10;
      const all = rows(47);
      let shown = 13;
      const api = await startApi(t, ({ url }, response) => {
        const from = (Number(url.searchParams.get('page')) - 1) * SIZE;
        json(response, all.slice(0, shown).slice(from, from + SIZE));
        // What comes meanwhile is on the page that was read last, and on those behind it.
        shown = Math.min(all.length, shown + 8);
      });
      const props = { ...incremental, 'http.url': api.url, 'paging.type': 'page' };
      const offsets = new MemoryOffsets();
      const read: number[] = [];
      if (restarts)
        for (let batch = 0; batch < 4; batch++)
          read.push(...ids((await runSource(httpSourceWith(new HastyClock()), props, { offsets, take: 1 })).records));
      const { records } = await settle(props, api.asked, { enough: all.length - read.length, offsets });
      t.strictSame([...read, ...ids(records)], upTo(47));
    },
  );

for (const restarts of [false, true])
  t.test(
    `records that new ones push to the next page come once${restarts ? ', after a restart too' : ''}`,
    async (t) => {
      const SIZE = 10;
      const all = rows(60);
      let shown = 40;
      const api = await startApi(t, ({ url }, response) => {
        const from = Number(url.searchParams.get('offset'));
        json(
          response,
          all
            .slice(0, shown)
            .reverse()
            .slice(from, from + SIZE),
        );
        shown = Math.min(all.length, shown + 3);
      });
      const props = { ...incremental, 'http.url': api.url, 'paging.type': 'offset' };
      const offsets = new MemoryOffsets();
      const read: number[] = [];
      if (restarts)
        for (let batch = 0; batch < 3; batch++)
          read.push(...ids((await runSource(httpSourceWith(new HastyClock()), props, { offsets, take: 1 })).records));
      const { records } = await settle(props, api.asked, { enough: all.length - read.length, offsets });
      t.strictSame(
        [...read, ...ids(records)].sort((a, b) => a - b),
        upTo(60),
      );
    },
  );

t.test(
  'a round that is broken off again and again while thousands of records come is read on without doubles',
  async (t) => {
    const SIZE = 100;
    const all = rows(6000);
    let shown = 1500;
    const api = await startApi(t, ({ url }, response) => {
      const from = Number(url.searchParams.get('offset'));
      const list = all.slice(0, shown).reverse();
      json(response, list.slice(from, from + SIZE));
    });
    const props = { ...incremental, 'http.url': api.url, 'paging.type': 'offset', 'rate.per.second': '1000' };
    const offsets = new MemoryOffsets();
    const read: number[] = [];
    for (const part of [7, 2, 7, 3, 8]) {
      const { records } = await runSource(httpSourceWith(new HastyClock()), props, { offsets, take: part * SIZE });
      read.push(...ids(records));
      shown += 900;
    }
    const { records } = await settle(props, api.asked, { enough: all.length - read.length, offsets });
    t.strictSame(
      [...read, ...ids(records)].sort((a, b) => a - b),
      upTo(6000),
    );
  },
);

for (const restarts of [false, true])
  t.test(
    `a record that changes after it was read, and so comes again on a later page of the round, is new${restarts ? ', after a restart too' : ''}`,
    async (t) => {
      let all = rows(8);
      const later = { id: 1, at: 2000 };
      const api = await startApi(t, ({ url }, response) => {
        const after = Number(url.searchParams.get('cursor') ?? 0);
        const page = all.filter(({ at }) => at > after).slice(0, 3);
        json(response, { rows: page, next: page.length === 3 ? page[2]!.at : null });
        if (after > 0) all = [...all.filter(({ id }) => id !== later.id), later];
      });
      const paged = { 'records.path': 'rows', 'paging.type': 'cursor', 'paging.path': 'next' };
      const props = { ...incremental, 'http.url': api.url, ...paged };
      const offsets = new MemoryOffsets();
      const read: number[] = [];
      if (restarts)
        read.push(...ids((await runSource(httpSourceWith(new HastyClock()), props, { offsets, take: 3 })).records));
      const { records } = await settle(props, api.asked, { enough: 9 - read.length, offsets });
      t.strictSame([...read, ...ids(records)], [...upTo(8), later.id]);
    },
  );

t.test(
  'a record that changed is read on from below records that came later, where a round was broken off',
  async (t) => {
    const SIZE = 3;
    let all = rows(9);
    const api = await startApi(t, ({ url }, response) => {
      const from = Number(url.searchParams.get('offset'));
      json(response, all.toReversed().slice(from, from + SIZE));
    });
    const props = { ...incremental, 'http.url': api.url, 'paging.type': 'offset' };
    const { records: before, offsets } = await runSource(httpSourceWith(new HastyClock()), props, { take: SIZE });
    const changed = { id: 7, at: 2000 };
    const later = [5000, 5001, 5002, 5003].map((at) => ({ id: at, at }));
    all = [...all.filter(({ id }) => id !== changed.id), changed, ...later];
    const { records } = await settle(props, api.asked, { enough: 9 + 5 - SIZE, offsets });
    t.strictSame(
      [...ids(before), ...ids(records)].sort((a, b) => a - b),
      [...upTo(8), 7, 8, ...later.map(({ id }) => id)].sort((a, b) => a - b),
    );
  },
);

t.test('a page that has expired fails the task with how to begin its round anew', async (t) => {
  let expired = false;
  const api = await startApi(t, ({ url }, response) => {
    if (expired && url.searchParams.has('cursor')) return void response.writeHead(410).end();
    json(response, { rows: url.searchParams.has('cursor') ? rows(4).slice(2) : rows(2), next: 'x' });
  });
  const props = {
    ...incremental,
    'http.url': api.url,
    'records.path': 'rows',
    'paging.type': 'cursor',
    'paging.path': 'next',
  };
  const { offsets } = await runSource(httpSourceWith(new HastyClock()), props, { take: 2 });
  expired = true;
  await t.rejects(runSource(httpSourceWith(new HastyClock()), props, { offsets, take: 1 }), {
    message: /status 410\. It goes on at a page: if that has expired, take '_page' .* out of the connector's offset/,
  });
});
