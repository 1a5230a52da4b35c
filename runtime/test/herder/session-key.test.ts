import { inspect } from 'node:util';
import t from 'tap';
import type { SessionKeySettings } from '../../src/config/distributed-config.ts';
import { assertSigned, generateSessionKey, mustRotate, rotationTime, sign } from '../../src/herder/session-key.ts';
import { sessionKeyOf, sessionKeyValue } from '../../src/store/session-key.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const SETTINGS: SessionKeySettings = {
  algorithm: 'HmacSHA256',
  bytes: 32,
  ttlMs: 3_600_000,
  signatureAlgorithm: 'HmacSHA256',
  verificationAlgorithms: ['HmacSHA256', 'HmacSHA512/256'],
};
const KEY = generateSessionKey(SETTINGS, NOW);
const BODY = Buffer.from('[{"file":"é.txt"}]');
const permitted = SETTINGS.verificationAlgorithms;

t.test('a key has the size that is asked for, and is another one each time', (t) => {
  const bytes = (): Buffer => generateSessionKey({ ...SETTINGS, bytes: 48 }, NOW).key.export();
  t.equal(bytes().length, 48);
  t.notOk(bytes().equals(bytes()));
  t.end();
});

t.test('a key comes out of its record as it went in', (t) => {
  const value = sessionKeyValue(KEY);
  t.strictSame(Object.keys(value), ['key', 'algorithm', 'creation-timestamp']);
  const read = sessionKeyOf(JSON.parse(JSON.stringify(value)));
  t.match(read, { algorithm: 'HmacSHA256', createdAt: NOW });
  t.ok(read?.key.equals(KEY.key));
  t.end();
});

t.test('a malformed record has no key', (t) => {
  const value = sessionKeyValue(KEY);
  for (const broken of [
    null,
    'text',
    [],
    { ...value, key: 5 },
    { ...value, key: '' },
    { ...value, key: undefined },
    { ...value, algorithm: null },
    { ...value, 'creation-timestamp': String(NOW) },
  ])
    t.equal(sessionKeyOf(broken), null, inspect(broken));
  t.end();
});

t.test('a key shows nothing of itself where it is printed', (t) => {
  const [base64, hex] = (['base64', 'hex'] as const).map((encoding) => KEY.key.export().toString(encoding));
  const shown = [inspect(KEY, { depth: 9, showHidden: true }), JSON.stringify(KEY), String(KEY.key)].join();
  t.notOk(shown.includes(base64!) || shown.includes(hex!));
  t.end();
});

t.test('the leader makes a key where there is none', (t) => {
  t.ok(mustRotate(null, SETTINGS, NOW));
  t.end();
});

t.test('it replaces one whose time is over, and no earlier', (t) => {
  t.equal(rotationTime(KEY, SETTINGS), NOW + 3_600_000);
  t.notOk(mustRotate(KEY, SETTINGS, NOW + 3_599_999));
  t.ok(mustRotate(KEY, SETTINGS, NOW + 3_600_000));
  t.end();
});

t.test('without a time to live a key is never too old', (t) => {
  t.equal(rotationTime(KEY, { ...SETTINGS, ttlMs: null }), Number.POSITIVE_INFINITY);
  t.end();
});

t.test('it replaces one of another algorithm or another size', (t) => {
  t.ok(mustRotate(KEY, { ...SETTINGS, algorithm: 'HmacSHA512/256' }, NOW));
  t.ok(mustRotate(KEY, { ...SETTINGS, bytes: 64 }, NOW));
  t.ok(mustRotate(generateSessionKey({ ...SETTINGS, bytes: 16 }, NOW), { ...SETTINGS, ttlMs: null }, NOW));
  t.end();
});

t.test('a signed body is taken, with each algorithm that is permitted', (t) => {
  for (const algorithm of permitted) assertSigned(BODY, sign(BODY, KEY, algorithm), KEY, permitted);
  assertSigned(new Uint8Array(), sign(new Uint8Array(), KEY, 'HmacSHA256'), KEY, permitted);
  t.pass();
  t.end();
});

t.test('a key holds until it is replaced, however old it is, and no longer', (t) => {
  const signature = sign(BODY, KEY, 'HmacSHA256');
  const old = { ...KEY, createdAt: 0 };
  assertSigned(BODY, signature, old, permitted);
  const next = generateSessionKey(SETTINGS, NOW + 3_600_000);
  t.throws(() => assertSigned(BODY, signature, next, permitted), {
    message: /invalid signature/,
    name: 'ForbiddenError',
  });
  t.end();
});

t.test('what is not signed, or with anything else, is refused with the answers of Java', (t) => {
  const signature = sign(BODY, KEY, 'HmacSHA256');
  const refused = (given: Parameters<typeof assertSigned>, message: string, name: string): unknown =>
    t.throws(() => assertSigned(...given), { message, name });
  refused([BODY, undefined, KEY, permitted], 'Internal request missing required signature', 'BadRequestError');
  const invalid = 'Internal request contained invalid signature.';
  refused([Buffer.from('[]'), signature, KEY, permitted], invalid, 'ForbiddenError');
  refused([BODY, { ...signature, algorithm: 'HmacSHA512/256' }, KEY, permitted], invalid, 'ForbiddenError');
  const short = { ...signature, signature: signature.signature.slice(0, 20) };
  refused([BODY, short, KEY, permitted], invalid, 'ForbiddenError');
  refused([BODY, { ...signature, signature: '%%%' }, KEY, permitted], invalid, 'ForbiddenError');
  const empty = { ...signature, signature: '' };
  refused([BODY, empty, KEY, permitted], invalid, 'ForbiddenError');
  for (const algorithm of ['HmacSHA1', 'hmacsha256', 'none', '__proto__'])
    t.throws(() => assertSigned(BODY, { ...signature, algorithm }, KEY, permitted), {
      message: /^This worker does not support the '.*' key signing algorithm.*: \[HmacSHA256, HmacSHA512\/256\]\./,
      name: 'BadRequestError',
    });
  const early =
    'This worker is still starting up and has not been able to read a session key from the config topic yet';
  refused([BODY, signature, null, permitted], early, 'UnavailableError');
  t.end();
});
