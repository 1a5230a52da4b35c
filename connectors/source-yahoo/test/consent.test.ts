import type { ServerResponse } from 'node:http';
import { configErrors, runSource } from '@tributary/api/testing';
import t, { type Test } from 'tap';
import { yahooSource } from '../src/connector.ts';
import { isSameSite } from '../src/consent.ts';
import { CookieJar } from '../src/cookies.ts';
import { json, type Question, startServer } from './support/answers.ts';

const SESSION = '3_cc-session_6b0b0161';

const page = `<!DOCTYPE html><html><body><form action="/search"><input name="p"></form>
<form method="post" class="consent-form" action="">
<input type="hidden" name="csrfToken" value="S9u&quot;otAc">
<input type="hidden" name="sessionId" value="${SESSION}">
<input type="hidden" name="originalDoneUrl" value="/quote/AAPL?guccounter&#x3D;1">
<input type="hidden" name="namespace" value="yahoo">
<button type="submit" class="btn secondary accept-all " name="agree" value="agree">Accept all</button>
<button type="submit" class="btn secondary reject-all" name="reject" value="reject">Reject all</button>
</form></body></html>`;

interface Europe {
  readonly url: string;
  /** What was sent by the form. */
  readonly forms: URLSearchParams[];
}

/** Answers as Yahoo does to visitors from Europe: `asks` says where it wants consent first. */
async function europe(t: Test, asks: (path: string) => boolean): Promise<Europe> {
  const forms: URLSearchParams[] = [];
  const away = (response: ServerResponse, status: number, location: string, cookies: readonly string[] = []): unknown =>
    response.writeHead(status, { location, 'set-cookie': [...cookies] }).end();
  const url = await startServer(t, (question, response) => answer(question, response));
  function answer({ url, method, headers, body }: Question, response: ServerResponse): unknown {
    const { pathname: path } = url;
    const has = (cookie: string): boolean => (headers.cookie ?? '').split('; ').includes(cookie);
    const agreed = has('A1=d=consented&S=1');
    if (path === '/consent')
      return has('GUCS=AUvb')
        ? away(response, 302, `/v2/collectConsent?sessionId=${SESSION}`)
        : json(response, 400, { error: 'no session' });
    if (path === '/v2/collectConsent' && method === 'GET')
      return response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    if (path === '/v2/collectConsent') {
      forms.push(new URLSearchParams(body));
      return away(response, 302, `/copyConsent?sessionId=${SESSION}&lang=en-GB`, [
        'CFC=AQAB&s=AQ; Expires=Wed, 8 May 2030 03:12:16 GMT; Domain=consent.yahoo.com; Path=/; Secure',
      ]);
    }
    if (path === '/copyConsent')
      return has('CFC=AQAB&s=AQ')
        ? away(response, 302, '/quote/AAPL?guccounter=1', [
            'A1=d=consented&S=1; Max-Age=31536000; Domain=.yahoo.com; Path=/; SameSite=Lax; Secure; HttpOnly',
            'EuConsent=CPrc;Version=1;Comment=;Domain=yahoo.com;Path=/;Max-Age=86400',
          ])
        : json(response, 400, { error: 'no consent' });
    if (asks(path) && !agreed)
      return away(response, 307, `/consent?brandType=eu&gcrumb=S9uotAc&done=${encodeURIComponent(path)}`, [
        'GUCS=AUvb; Max-Age=1800; Domain=.yahoo.com; Path=/; Secure',
      ]);
    if (path === '/v1/test/getcrumb') return response.writeHead(200).end(has('A3=plain') || agreed ? 'aB/1.c' : '');
    if (path.startsWith('/v7/')) {
      if (url.searchParams.get('crumb') !== 'aB/1.c') return json(response, 401, {});
      const quote = { symbol: 'AAPL', marketState: 'REGULAR', regularMarketTime: 1_772_640_000, regularMarketPrice: 5 };
      return json(response, 200, { quoteResponse: { result: [quote], error: null } });
    }
    response.writeHead(404, { 'set-cookie': ['A3=plain; Domain=.yahoo.com'] }).end('<html></html>');
  }
  return { url, forms };
}

const quotes = { topic: 'ticks', symbols: 'AAPL', 'rate.per.second': '1000', 'retry.backoff.ms': '10' };

for (const [where, asks] of [
  ['where cookies come from', (path: string) => path === '/'],
  ['instead of the crumb', (path: string) => path === '/v1/test/getcrumb'],
  ['instead of an answer', (path: string) => path.startsWith('/v7/')],
] as const)
  t.test(`consent is given once if Yahoo asks for it ${where}`, async (t) => {
    const { url, forms } = await europe(t, asks);
    t.strictSame(await configErrors(yahooSource, { ...quotes, 'yahoo.base.url': url }), {});
    forms.length = 0;
    const { records, log } = await runSource(yahooSource, { ...quotes, 'yahoo.base.url': url }, { take: 1 });
    t.match(records[0], { key: 'AAPL', value: { price: 5 } });
    t.ok(forms.length <= 2, 'once for the check of the config, once for the run');
    for (const form of forms)
      t.strictSame(
        [...form],
        [
          ['csrfToken', 'S9u"otAc'],
          ['sessionId', SESSION],
          ['originalDoneUrl', '/quote/AAPL?guccounter=1'],
          ['namespace', 'yahoo'],
          ['agree', 'agree'],
        ],
      );
    t.strictSame(log, []);
  });

t.test('consent can be refused, and then Yahoo is let decide', async (t) => {
  const { url, forms } = await europe(t, (path) => path === '/');
  await runSource(yahooSource, { ...quotes, 'yahoo.base.url': url, 'yahoo.consent': 'reject' }, { take: 1 });
  t.equal(forms[0]?.get('reject'), 'reject');
  t.notOk(forms[0]?.has('agree'));
});

t.test('without consent it is said what is missing', async (t) => {
  const { url, forms } = await europe(t, (path) => path === '/');
  const errors = await configErrors(yahooSource, { ...quotes, 'yahoo.base.url': url, 'yahoo.consent': 'none' });
  t.match(errors, { 'yahoo.base.url': [/it may want the consent .* see 'yahoo\.consent'/] });
  t.equal(forms.length, 0);
});

t.test('cookies go where they are for', async (t) => {
  const jar = new CookieJar();
  jar.take(new URL('https://fc.yahoo.com/'), [
    'A3=d=1&S=2; Domain=.yahoo.com; Path=/',
    'own=x',
    'A1=1; domain=yahoo.com',
  ]);
  jar.take(new URL('https://consent.yahoo.com/'), ['CFC=3; Domain=consent.yahoo.com', 'A1=2; Domain=.yahoo.com']);
  t.equal(jar.headerFor(new URL('https://query2.finance.yahoo.com/')), 'A3=d=1&S=2; A1=2');
  t.equal(jar.headerFor(new URL('https://consent.yahoo.com/')), 'A3=d=1&S=2; A1=2; CFC=3');
  t.equal(jar.headerFor(new URL('https://notyahoo.com/')), '');
});

t.test('only the servers beside it are followed to', async (t) => {
  const fc = new URL('https://fc.yahoo.com/');
  t.ok(isSameSite(new URL('https://guce.yahoo.com/consent'), fc));
  t.notOk(isSameSite(new URL('http://guce.yahoo.com/consent'), fc), 'not without TLS');
  t.notOk(isSameSite(new URL('https://yahoo.com.example/'), fc));
  t.notOk(isSameSite(new URL('http://127.0.0.2/'), new URL('http://127.0.0.1/')));
});
