import type { ServerResponse } from 'node:http';
import type { SourceRecord } from '@tributary/api';
import { configErrors, MemoryOffsets, runSource, startSource } from '@tributary/api/testing';
import { freePorts } from '@tributary/services';
import httpSource from '@tributary/source-http';
import t from 'tap';
import manifest from '../package.json' with { type: 'json' };
import { httpSourceWith } from '../src/connector.ts';
import { type Asked, HastyClock, json, startApi } from './api-server.ts';

interface Row {
  readonly id: number;
  readonly at: string;
}

const rows = (count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({
    id: i,
    at: new Date(Date.UTC(2026, 0, 1) + Math.floor(i / 3) * 1000).toISOString(),
  }));
const ids = (records: readonly SourceRecord[]): number[] => records.map(({ value }) => (value as Row).id);
const run = (props: Record<string, string>, options: object = {}, clock = new HastyClock()) =>
  runSource(httpSourceWith(clock), { topic: 'rows', ...props }, options);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

t.test('the package lists the connector as the connector describes itself', async (t) => {
  const { class: className, aliases, version, kind } = httpSource;
  t.strictSame(manifest.tributary.plugins, [
    { kind, class: className, aliases, version, module: '.', export: 'default' },
  ]);
});

t.test('records have their key, their time, and numbers as exact as they were sent', async (t) => {
  const api = await startApi(t, (_asked, response) => {
    response.end('{"data":{"items":[{"id":9007199254740993,"at":1767225600,"price":1.10},{"id":2,"at":1767225601}]}}');
  });
  const { records } = await run(
    {
      'http.url': `${api.url}/items`,
      'records.path': 'data.items',
      'key.field': 'id',
      'timestamp.field': 'at',
      'timestamp.unit': 's',
    },
    { take: 2 },
  );
  t.match(records[0], {
    key: '9007199254740993',
    timestamp: 1_767_225_600_000,
    value: { id: 9007199254740993n, price: 1.1 },
  });
  t.match(records[1], { key: '2', value: { id: 2 } });
});

t.test('lines of JSON are a record each', async (t) => {
  const api = await startApi(t, (_asked, response) => response.end('{"id":0}\n\n{"id":1}\n'));
  const { records } = await run({ 'http.url': api.url, 'response.format': 'ndjson' }, { take: 2 });
  t.strictSame(ids(records), [0, 1]);
});

t.test('only what is new is asked for, and what comes again is passed over', async (t) => {
  const all = rows(20);
  let shown = 10;
  const api = await startApi(t, ({ url }, response) => {
    const since = url.searchParams.get('since')!;
    json(
      response,
      all.slice(0, shown).filter(({ at }) => at >= since),
    );
    shown = Math.min(20, shown + 4);
  });
  const props = {
    'http.url': `${api.url}/rows?since=\${offset.at}`,
    'offset.fields': 'at',
    'offset.initial': 'at=2026-01-01T00:00:00.000Z',
    'id.field': 'id',
  };
  const first = await run(props, { until: (records: readonly SourceRecord[]) => records.length >= 14 });
  const second = await run(props, { offsets: first.offsets, take: 20 - first.records.length });
  t.strictSame([...ids(first.records), ...ids(second.records)], upTo(20));
  t.equal(api.asked.at(-1)!.url.searchParams.get('since'), all[17]!.at);
});

type Paged = (asked: Asked, response: ServerResponse, page: (from: number) => Row[]) => void;

const SIZE = 7;
const styles: Readonly<
  Record<string, { readonly props: (url: string) => Record<string, string>; readonly answer: Paged }>
> = {
  cursor: {
    props: (url) => ({
      'http.url': `${url}/rows`,
      'paging.path': 'next',
      'records.path': 'rows',
      'paging.parameter': 'after',
    }),
    answer({ url }, response, page) {
      const from = Number(url.searchParams.get('after') ?? 0);
      const found = page(from);
      json(response, { rows: found, next: found.length === SIZE ? from + SIZE : null });
    },
  },
  page: {
    props: (url) => ({
      'http.url': `${url}/rows?page=\${page}`,
      'paging.size': String(SIZE),
      'paging.size.parameter': 'per',
    }),
    answer: ({ url }, response, page) => json(response, page((Number(url.searchParams.get('page')) - 1) * SIZE)),
  },
  offset: {
    props: (url) => ({ 'http.url': `${url}/rows` }),
    answer: ({ url }, response, page) => json(response, page(Number(url.searchParams.get('offset')))),
  },
  link: {
    props: (url) => ({ 'http.url': `${url}/rows?from=0` }),
    answer({ url }, response, page) {
      const from = Number(url.searchParams.get('from'));
      const found = page(from);
      const link = `</rows?from=0>; rel="first", </rows?from=${from + SIZE}>; title="a, b"; rel=next`;
      json(response, found, found.length === SIZE ? { link } : {});
    },
  },
  url: {
    props: (url) => ({ 'http.url': `${url}/rows?from=0`, 'paging.path': 'links.next', 'records.path': 'rows' }),
    answer({ url }, response, page) {
      const from = Number(url.searchParams.get('from'));
      const found = page(from);
      json(response, { rows: found, links: found.length === SIZE ? { next: `/rows?from=${from + SIZE}` } : {} });
    },
  },
};

for (const [type, { props, answer }] of Object.entries(styles))
  t.test(`pages by ${type}: one that fails is asked again, and a restart goes on at the page`, async (t) => {
    const all = rows(60);
    let requests = 0;
    let broken = 0;
    const api = await startApi(t, (asked, response) => {
      requests++;
      if (requests % 3 === 0) {
        broken++;
        if (broken % 3 === 0) return void response.writeHead(500).end();
        if (broken % 3 === 1) return void response.socket!.destroy();
        response.writeHead(200, { 'content-type': 'application/json' });
        return void response.end('{"rows":[{"id":1');
      }
      answer(asked, response, (from) => all.slice(from, from + SIZE));
    });
    const config = {
      ...props(api.url),
      'paging.type': type,
      'offset.fields': 'at',
      'offset.initial': 'at=0',
      'id.field': 'id',
    };
    const offsets = new MemoryOffsets();
    const read: number[] = [];
    for (let batches = 1; read.length < all.length; batches++) {
      const part = await startSource(httpSourceWith(new HastyClock()), { topic: 'rows', ...config }, { offsets });
      await part.until((records) => part.batches.length >= batches || read.length + records.length >= all.length);
      await part.stop();
      read.push(...ids(part.records));
    }
    t.strictSame(read, upTo(60));
    const again = await startSource(httpSourceWith(new HastyClock()), { topic: 'rows', ...config }, { offsets });
    const before = requests;
    const pulled = again.take(1);
    pulled.catch(() => {});
    while (requests < before + 15) await new Promise((done) => setTimeout(done, 5));
    await again.stop();
    await pulled.catch(() => {});
    t.equal(again.records.length, 0, 'a whole round more brings nothing new');
  });

t.test('pages that come newest first are read to the end, also over a restart', async (t) => {
  const all = rows(40).reverse();
  const api = await startApi(t, ({ url }, response) =>
    json(response, all.slice(Number(url.searchParams.get('offset'))).slice(0, 10)),
  );
  const props = {
    'http.url': `${api.url}/rows`,
    'paging.type': 'offset',
    'offset.fields': 'at',
    'offset.initial': 'at=0',
  };
  const first = await run(props, { take: 10 });
  const second = await run(props, { offsets: first.offsets, take: 30 });
  t.strictSame([...ids(first.records), ...ids(second.records)], upTo(40).reverse());
});

t.test('a next page on another server is not asked', async (t) => {
  const other = await startApi(t, (_asked, response) => json(response, []));
  const api = await startApi(t, (_asked, response) =>
    json(response, [{ id: 1 }], { link: `<${other.url}/rows>; rel="next"` }),
  );
  await t.rejects(run({ 'http.url': `${api.url}/rows`, 'paging.type': 'link' }, { take: 2 }), {
    message: /The next page is on another server/,
  });
  t.equal(other.asked.length, 0);
});

t.test('bodies and headers have stand-ins too', async (t) => {
  const api = await startApi(t, (_asked, response) => json(response, [{ id: 5, name: 'a "b"' }]));
  await run(
    {
      'http.url': api.url,
      'http.method': 'POST',
      'http.body': '{"after":"${offset.name}"}',
      'http.header.X-After': '${offset.id}',
      'offset.fields': 'id,name',
      'offset.initial': 'id=0,name=none',
    },
    { take: 1 },
  );
  const [asked] = api.asked;
  t.match(asked, {
    method: 'POST',
    body: '{"after":"none"}',
    headers: { 'x-after': '0', 'content-type': 'application/json' },
  });
});

t.test('a server that says what is known is not asked for it again', async (t) => {
  let version = 1;
  let same = 0;
  const api = await startApi(t, ({ headers }, response) => {
    if (headers['if-none-match'] === `"${version}"`) {
      if (++same === 3) version = 2;
      return void response.writeHead(304).end();
    }
    json(response, [{ id: version }], { etag: `"${version}"` });
  });
  const { records, offsets } = await run({ 'http.url': `${api.url}/rows` }, { take: 2 });
  t.strictSame(ids(records), [1, 2]);
  const again = await startSource(
    httpSourceWith(new HastyClock()),
    { topic: 'rows', 'http.url': `${api.url}/rows` },
    { offsets },
  );
  const pulled = again.take(1);
  pulled.catch(() => {});
  while (same < 5) await new Promise((done) => setTimeout(done, 5));
  await again.stop();
  await pulled.catch(() => {});
  t.equal(again.records.length, 0, 'also after a restart');
});

t.test('Retry-After is heeded, and an outage is told once', async (t) => {
  let requests = 0;
  const api = await startApi(t, (_asked, response) => {
    requests++;
    if (requests <= 3) return void response.writeHead(503, { 'retry-after': '120' }).end();
    json(response, [{ id: 1 }]);
  });
  const clock = new HastyClock();
  const { log } = await run({ 'http.url': `${api.url}/rows?key=secret` }, { take: 1 }, clock);
  t.equal(clock.sleeps.filter((sleep) => sleep >= 120_000).length, 3);
  t.match(log, [{ level: 'warn', message: /was answered with status 503; it is tried again/ }, { level: 'info' }]);
  t.notMatch(JSON.stringify(log), /secret/, 'what is in the query is not told');
});

t.test('a request that the server refuses fails the task with what to do', async (t) => {
  const api = await startApi(t, (_asked, response) => void response.writeHead(403).end());
  await t.rejects(run({ 'http.url': api.url }, { take: 1 }), {
    message: /was answered with status 403\. Check the keys 'auth\.\*'/,
  });
});

t.test('an answer that is too long fails the task with what to do', async (t) => {
  const api = await startApi(t, (_asked, response) => json(response, ['x'.repeat(5000)]));
  await t.rejects(run({ 'http.url': api.url, 'response.max.bytes': '2000' }, { take: 1 }), {
    message: /longer than 2000 bytes; ask for less at once, or raise 'response\.max\.bytes'/,
  });
});

t.test('whoever asks is told by a header, a name, or a token that is fetched anew', async (t) => {
  let [tokens, served] = [0, 0];
  const api = await startApi(t, ({ url, headers, body }, response) => {
    if (url.pathname === '/token') {
      const good = headers.authorization === `Basic ${Buffer.from('me:s%3Acret').toString('base64')}`;
      if (!good || !body.includes('grant_type=client_credentials')) return void response.writeHead(401).end();
      return json(response, { access_token: `t${++tokens}`, expires_in: 3600, token_type: 'bearer' });
    }
    if (url.pathname === '/oauth' && headers.authorization !== `Bearer t${served < 2 ? 1 : 2}`)
      return void response.writeHead(401).end();
    served++;
    json(response, [{ id: served, auth: headers.authorization, key: headers['x-key'] }]);
  });
  const byName = await run(
    { 'http.url': `${api.url}/`, 'auth.type': 'basic', 'auth.username': 'me', 'auth.password': 'pass' },
    { take: 1 },
  );
  t.match(byName.records[0], { value: { auth: `Basic ${Buffer.from('me:pass').toString('base64')}` } });
  const byHeader = await run(
    { 'http.url': `${api.url}/`, 'auth.type': 'header', 'auth.header.name': 'X-Key', 'auth.header.value': 'abc' },
    { take: 1 },
  );
  t.match(byHeader.records[0], { value: { key: 'abc' } });
  served = 0;
  const { records } = await run(
    {
      'http.url': `${api.url}/oauth`,
      'auth.type': 'oauth2',
      'oauth2.token.url': `${api.url}/token`,
      'oauth2.client.id': 'me',
      'oauth2.client.secret': 's:cret',
    },
    { take: 4 },
  );
  t.strictSame(
    records.map(({ value }) => (value as { auth: string }).auth),
    ['Bearer t1', 'Bearer t1', 'Bearer t2', 'Bearer t2'],
  );
  t.equal(tokens, 2);
});

t.test('a token that the server does not know yet is no reason to fail; one that it never takes is', async (t) => {
  let [tokens, known] = [0, 3];
  const api = await startApi(t, ({ url, headers }, response) => {
    if (url.pathname === '/token') return json(response, { access_token: `t${++tokens}`, token_type: 'bearer' });
    if (headers.authorization !== `Bearer t${known}`) return void response.writeHead(401).end();
    json(response, [{ id: 1 }]);
  });
  const props = {
    'http.url': `${api.url}/rows`,
    'auth.type': 'oauth2',
    'oauth2.token.url': `${api.url}/token`,
    'oauth2.client.id': 'me',
    'oauth2.client.secret': 'secret',
  };
  const { records } = await run(props, { take: 1 });
  t.equal(records.length, 1);
  known = 0;
  tokens = 0;
  await t.rejects(run(props, { take: 1 }), { message: /status 401\. Check the keys 'auth\.\*'/ });
  t.equal(tokens, 4);
});

t.test('a config is checked before it runs', async (t) => {
  const api = await startApi(t, (_asked, response) => json(response, []));
  const errors = (props: Record<string, string>) =>
    configErrors(httpSource, { topic: 'rows', 'http.url': api.url, ...props });
  t.strictSame(await errors({}), {});
  t.match(await errors({ 'http.url': `${api.url}/?a=\${nothing}` }), { 'http.url': [/stands for nothing/] });
  t.match(await errors({ 'http.url': `${api.url}/?a=\${offset.x}` }), {
    'http.url': [/needs the field 'x' in 'offset\.fields'/],
  });
  t.match(await errors({ 'http.url': `${api.url}/?a=\${offset.x}`, 'offset.fields': 'x' }), {
    'offset.initial': [/x=/],
  });
  t.match(await errors({ 'paging.type': 'cursor' }), { 'paging.path': [/needs the path/] });
  t.match(await errors({ 'auth.type': 'oauth2' }), {
    'oauth2.token.url': [/needs it/],
    'oauth2.client.id': [/needs it/],
  });
  t.match(await errors({ 'http.url': 'nowhere' }), { 'http.url': [/makes no URL/] });
  const [port] = await freePorts(1);
  t.match(await errors({ 'http.url': `http://127.0.0.1:${port}/` }), {
    'http.url': [/cannot be reached: .*ECONNREFUSED.*Check the URL, and 'proxy\.url'/],
  });
  t.equal(api.asked.length, 0, 'the API itself is not asked');
});
