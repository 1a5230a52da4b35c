import t from 'tap';
import { rawRequest } from '../support/http.ts';
import { testWorker } from '../support/worker.ts';

const shared = testWorker(t);

const JSON_TYPE = { 'content-type': 'application/json' };
const SINK = '"connector.class":"FileStreamSink","topics":"t"';

for (const [what, method, path, body, status, message] of [
  ['malformed JSON', 'POST', '/connectors', '{bad', 400, /not valid JSON/],
  ['an empty body', 'POST', '/connectors', '', 400, /must be a JSON object/],
  ['a body that is not UTF-8 JSON at all', 'PUT', '/connectors/a/config', '\u0000\u0001', 400, /not valid JSON/],
  ['a list instead of an object', 'POST', '/connectors', '[]', 400, /must be a JSON object/],
  ['no config', 'POST', '/connectors', '{"name":"a"}', 400, /"config" is missing/],
  ['no name anywhere', 'POST', '/connectors', `{"config":{${SINK}}}`, 400, /"name" of the connector is missing/],
  ['an unknown field', 'POST', '/connectors', '{"name":"a","config":{},"zzz":1}', 400, /Unrecognized field "zzz"/],
  ['a nested value', 'POST', '/connectors', `{"name":"a","config":{${SINK},"x":{"y":1}}}`, 400, /'x' is a JSON object/],
  ['a null value', 'POST', '/connectors', `{"name":"a","config":{${SINK},"file":null}}`, 400, /'file' is null/],
  [
    'an unknown initial state',
    'POST',
    '/connectors',
    `{"name":"a","config":{${SINK}},"initial_state":"weird"}`,
    400,
    /must be one of RUNNING, PAUSED, STOPPED/,
  ],
  [
    'no connector class',
    'POST',
    '/connectors',
    '{"name":"a","config":{"tasks.max":"1"}}',
    400,
    /^Connector config \{tasks.max=1, name=a\} contains no connector type$/,
  ],
  [
    'an unknown class',
    'POST',
    '/connectors',
    '{"name":"a","config":{"connector.class":"NoSuch"}}',
    400,
    /^Failed to find any class .* NoSuch, available connectors are: PluginDesc/,
  ],
  [
    'another name in the config',
    'POST',
    '/connectors',
    `{"name":"a","config":{${SINK},"name":"b"}}`,
    400,
    /^Connector name configuration \(b\) doesn't match connector name in the URL \(a\)$/,
  ],
  [
    'two errors in the config',
    'POST',
    '/connectors',
    '{"name":"a","config":{"connector.class":"FileStreamSource","tasks.max":"0"}}',
    400,
    /2 error\(s\):\nInvalid value 0 for configuration tasks.max: Value must be at least 1\nMissing required configuration "topic"/,
  ],
  [
    'neither topics nor a pattern',
    'POST',
    '/connectors',
    '{"name":"a","config":{"connector.class":"FileStreamSink"}}',
    400,
    /Must configure one of topics or topics.regex/,
  ],
  [
    'a control character in the name',
    'POST',
    '/connectors',
    `{"name":"a\\u0007b","config":{${SINK}}}`,
    400,
    /had the following ASCII chars: 7/,
  ],
  [
    'a negate without a predicate',
    'POST',
    '/connectors',
    `{"name":"a","config":{${SINK},"transforms":"h","transforms.h.type":"HoistField$Value","transforms.h.field":"x","transforms.h.negate":"true"}}`,
    400,
    /negated/,
  ],
  ['an unknown connector', 'GET', '/connectors/nope', undefined, 404, /^Connector nope not found$/],
  [
    'the status of an unknown one',
    'GET',
    '/connectors/nope/status',
    undefined,
    404,
    /^No status found for connector nope$/,
  ],
  ['a pause of an unknown one', 'PUT', '/connectors/nope/pause', undefined, 404, /^Unknown connector nope$/],
  ['a restart of an unknown one', 'POST', '/connectors/nope/restart', undefined, 404, /^Unknown connector: nope$/],
  ['a deletion of an unknown one', 'DELETE', '/connectors/nope', undefined, 404, /^Connector nope not found$/],
  ['a task that is no number', 'GET', '/connectors/a/tasks/x/status', undefined, 404, /^HTTP 404 Not Found$/],
  ['an unknown task', 'GET', '/connectors/a/tasks/9/status', undefined, 404, /^No status found for task a-9$/],
  [
    'a flag that is none',
    'POST',
    '/connectors/a/restart?includeTasks=perhaps',
    undefined,
    400,
    /includeTasks is 'perhaps'/,
  ],
  [
    'a flag that is none, twice',
    'POST',
    '/connectors/a/restart?onlyFailed=perhaps&onlyFailed=true',
    undefined,
    400,
    /onlyFailed is 'perhaps'/,
  ],
  ['an unknown path', 'GET', '/nope', undefined, 404, /^HTTP 404 Not Found$/],
  ['a path that climbs', 'GET', '/connectors/../../etc/passwd', undefined, 404, /^HTTP 404 Not Found$/],
  ['a path that climbs encoded', 'GET', '/connectors/%2e%2e%2f%2e%2e%2fetc%2fpasswd', undefined, 404, /not found$/],
  ['a broken encoding', 'GET', '/connectors/%zz', undefined, 400, /./],
  ['a wrong method', 'PATCH', '/connectors', undefined, 405, /^HTTP 405 Method Not Allowed$/],
  [
    'another connector to validate',
    'PUT',
    '/connector-plugins/FileStreamSource/config/validate',
    '{"connector.class":"FileStreamSink"}',
    400,
    /^Included connector type FileStreamSink does not match request type FileStreamSource$/,
  ],
  [
    'nothing to validate',
    'PUT',
    '/connector-plugins/FileStreamSource/config/validate',
    '{}',
    400,
    /contains no connector type/,
  ],
] as const) {
  t.test(`${what} is answered with ${status} and a message that says so`, async (t) => {
    const { url } = await shared;
    const answer = await rawRequest(url, method, path, JSON_TYPE, body);
    t.equal(answer.status, status);
    const error = JSON.parse(answer.text);
    t.equal(error.error_code, status);
    t.match(error.message, message);
  });
}

t.test('another content type is answered with 415, a huge body with 413', async (t) => {
  const { url } = await shared;
  t.match(await rawRequest(url, 'POST', '/connectors', { 'content-type': 'text/plain' }, 'x'), {
    status: 415,
    text: /HTTP 415 Unsupported Media Type/,
  });
  const huge = JSON.stringify({ name: 'a', config: { x: 'y'.repeat(2_000_000) } });
  t.match(await rawRequest(url, 'POST', '/connectors', JSON_TYPE, huge), {
    status: 413,
    text: /larger than 1048576 bytes/,
  });
});

t.test(
  'a config without a class is validated as one of the plugin in the path, and the class is an error',
  async (t) => {
    const { call } = await shared;
    const { status, json } = await call('PUT', '/connector-plugins/FileStreamSource/config/validate', {
      'tasks.max': 'x',
    });
    t.equal(status, 200);
    const errors = json.configs.flatMap(({ value }: { value: { errors: string[] } }) => value.errors);
    t.equal(json.error_count, errors.length);
    t.match(errors.sort(), [
      /^Invalid value x for configuration tasks.max/,
      /^Missing required configuration "connector.class"/,
      /^Missing required configuration "name"/,
      /^Missing required configuration "topic"/,
    ]);
    t.match(await call('PUT', '/connector-plugins/NoSuch/config/validate', { 'tasks.max': '1' }), {
      status: 404,
      json: { message: 'Unknown plugin NoSuch.' },
    });
  },
);

t.test('OPTIONS tells the methods of a path', async (t) => {
  const { call } = await shared;
  const answer = await call('OPTIONS', '/connectors');
  t.equal(answer.status, 200);
  t.same(answer.text.split(', ').sort(), ['GET', 'HEAD', 'OPTIONS', 'POST']);
});

/** Numbers from a seed, the same each time (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) % below;
  };
}

t.test(
  '10,000 random bad requests are each answered with a 4xx that has a message, and the worker goes on',
  { timeout: 110_000 },
  async (t) => {
    const { url, call } = await shared;
    const random = numbers(20_260);
    const pick = <T>(items: readonly T[]): T => items[random(items.length)]!;
    const values = [
      'null',
      '{}',
      '[]',
      '[1,{"a":[]}]',
      '{"a":{"b":1}}',
      '""',
      '"\\u0000"',
      '"%00"',
      '1e999',
      '-0',
      '"../../x"',
      '"a\\nb"',
      '"é\u{1F600}"',
      'true',
      '{bad',
      '"',
      '\\',
      '{"__proto__":{"x":1}}',
    ];
    const names = [
      '..',
      '.',
      '%2e%2e',
      '%00',
      'a%2Fb',
      '%E2%82',
      'x'.repeat(3_000),
      '~',
      "';--",
      '<script>',
      'constructor',
      '__proto__',
      'toString',
      '%F0%9F%98%80',
    ];
    const tails = [
      '',
      '/config',
      '/status',
      '/tasks',
      '/tasks/0/status',
      '/tasks/-1/status',
      '/tasks/99999999999/status',
      '/pause',
      '/stop',
      '/restart',
      '/nope',
      '//',
      '/config/validate',
    ];
    const bodies = (): string =>
      pick([
        () => pick(values),
        () => `{"name":${pick(values)},"config":${pick(values)}}`,
        () => `{"name":"x","config":{"connector.class":${pick(values)},"topics":${pick(values)}}}`,
        () => `{"connector.class":"NoSuch${random(9)}","tasks.max":${pick(values)}}`,
        () =>
          `{"name":"x","config":{"connector.class":"FileStreamSource","tasks.max":"${pick(['0', '-1', 'x', '1e3', '99999999999'])}"}}`,
      ])();
    const strange: string[] = [];
    const one = async (): Promise<void> => {
      const method = pick(['POST', 'PUT', 'GET', 'DELETE', 'PATCH', 'POST', 'PUT']);
      const path = pick([
        () => '/connectors',
        () => `/connectors/${pick(names)}${pick(tails)}`,
        () => `/connector-plugins/${pick(names)}${pick(tails)}`,
        () => `/${pick(names)}`,
      ])();
      const listing = method === 'GET' && /^\/connectors\/?$/.test(path);
      const body = method === 'GET' || method === 'DELETE' ? undefined : bodies();
      const { status, text } = await rawRequest(url, method, path, JSON_TYPE, body);
      const named = status >= 400 && status < 500 && /"message":"[^"]/.test(text);
      if (!named && !(listing && status === 200))
        strange.push(`${method} ${path.slice(0, 80)} ${body ?? ''} -> ${status} ${text.slice(0, 200)}`);
    };
    for (let i = 0; i < 10_000; i += 20) await Promise.all(Array.from({ length: 20 }, one));
    t.same(strange, []);
    t.same((await call('GET', '/connectors')).json, []);
    t.equal((await call('GET', '/health')).status, 200);
  },
);
