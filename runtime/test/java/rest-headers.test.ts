/** Headers of answers, and requests of pages of other origins, beside those of Kafka's Connect worker. */
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { rawRequest } from '../support/http.ts';
import { startPair } from './pair.ts';

const skip = await skipUnlessAvailable('connect');

const COMPARED = [
  'vary',
  'access-control-allow-origin',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-max-age',
  'access-control-allow-credentials',
  'x-frame-options',
  'x-own',
  'cache-control',
  'expires',
];

const ASKS = { 'access-control-request-method': 'PUT' };

const REQUESTS: readonly (readonly [method: string, path: string, headers: Record<string, string>])[] = [
  ['GET', '/connectors', {}],
  ['GET', '/nope', {}],
  ['PATCH', '/connectors', {}],
  ['OPTIONS', '/connectors', {}],
  ...['http://example.com', 'http://EXAMPLE.com', 'http://evil.com', 'https://a.test', 'null', ''].flatMap((origin) => [
    ['GET', '/connectors', { origin }] as const,
    ['GET', '/nope', { origin }] as const,
    ['OPTIONS', '/connectors', { origin }] as const,
    ['OPTIONS', '/connectors', { origin, ...ASKS }] as const,
    ['OPTIONS', '/connectors', { origin, ...ASKS, 'access-control-request-headers': 'x-own' }] as const,
    ['OPTIONS', '/nope', { origin, ...ASKS }] as const,
  ]),
];

for (const [what, props] of [
  [
    'origins and methods',
    {
      'access.control.allow.origin': 'http://example.com,https://.*[.]test',
      'access.control.allow.methods': 'GET,PUT,OPTIONS',
      'admin.listeners': '',
      'response.http.headers.config':
        'set X-Frame-Options: DENY, add Cache-Control: no-cache, "add Cache-Control: no-store, private", ADD X-Own : a  b, set Expires: 0',
    },
  ],
  ['every origin', { 'access.control.allow.origin': '*' }],
] as const) {
  t.test(`${what}: the headers are those of Kafka Connect`, { skip, timeout: 200_000 }, async (t) => {
    const pair = await startPair(t, await sharedKafka(), props);
    for (const [method, path, headers] of REQUESTS) {
      const [java, ours] = await Promise.all(
        pair.sides.map(async ({ url }) => {
          const answer = await rawRequest(url, method, path, headers);
          const compared = COMPARED.map((name) => [name, inOrder(name, answer.headers[name])]);
          return { status: answer.status, headers: Object.fromEntries(compared) };
        }),
      );
      t.strictSame(ours, java, `${method} ${path} ${JSON.stringify(headers)}`);
    }
  });
}

/** Methods, which Java keeps in a set. */
function inOrder(name: string, value: unknown): unknown {
  return name.endsWith('-methods') && typeof value === 'string' ? value.split(',').sort() : value;
}
