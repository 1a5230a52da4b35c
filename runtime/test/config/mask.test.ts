import t from 'tap';
import { assertStaysMasked, masked, patched, unmasked } from '../../src/config/mask.ts';
import { referencesIn, replaceReferences } from '../../src/config/references.ts';
import { givesNothingAway, soundsSecret } from '../../src/config/secret-keys.ts';
import { redactor, SecretsInUse } from '../../src/config/secrets.ts';

const REF = `\${env:X}`;

t.test('references are taken apart', async (t) => {
  t.same(referencesIn(`a${REF}b\${file:/p:k:l}`), [
    { text: REF, provider: 'env', path: '', key: 'X' },
    { text: `\${file:/p:k:l}`, provider: 'file', path: '/p', key: 'k:l' },
  ]);
  t.same(referencesIn(`\${none} $x:y} {a:b}`), []);
  t.equal(
    replaceReferences(`${REF}-\${env:Y}`, ({ key }) => (key === 'X' ? '$& $1' : undefined)),
    `$& $1-\${env:Y}`,
  );
});

t.test('a mask hides what is secret and comes back as the stored value', async (t) => {
  const stored = { a: 'x', password: 'secret', ref: REF };
  const shown = masked(stored, new Set(['password', 'ref']));
  t.same(shown, { a: 'x', password: '[hidden]', ref: REF });
  t.same(unmasked({ ...shown, a: 'y' }, stored), { config: { ...stored, a: 'y' }, kept: ['password'] });
  t.same(unmasked({ a: 'y' }, null), { config: { a: 'y' }, kept: [] });
  t.throws(() => unmasked({ b: '[hidden]' }, stored), { message: 'nothing is stored for b' });
  t.throws(() => unmasked({ toString: '[hidden]' }, stored), { message: 'nothing is stored for toString' });
  t.throws(() => assertStaysMasked(['password'], new Set()), { message: 'the value would be shown' });
});

t.test('a patch sets and removes keys', async (t) => {
  t.same(patched({ a: '1', b: '2' }, { b: null, c: '3', d: null }), { a: '1', c: '3' });
});

t.test('names of keys tell secrets from the rest', async (t) => {
  for (const key of [
    'password',
    'db.password',
    'connection.pwd',
    'clientSecret',
    'aws.secret.access.key',
    'sasl.jaas.config',
    'producer.override.ssl.keystore.key',
    'ssl.truststore.certificates',
    'value.converter.basic.auth.user.info',
    'api_key',
    'apiKey',
    'access-token',
    'gcp.credentials.json',
    'ssl.key.passphrase',
    'private_key',
  ])
    t.ok(soundsSecret(key), key);
  for (const key of [
    'key',
    'key.converter',
    'topic',
    'primary.key',
    'bypass',
    'max.tokens',
    'ssl.keystore.location',
    'compass',
    'keyspace',
  ])
    t.notOk(soundsSecret(key), key);
});

t.test('a value of references gives nothing away, unless a secret stands beside them', async (t) => {
  const jaas = (password: string) => `org.x.PlainLoginModule required username="me" password="${password}";`;
  for (const value of ['', REF, ` ${REF} `, REF + REF, jaas(REF)]) t.ok(givesNothingAway(value), value);
  for (const value of ['x', `${REF}x`, jaas('x'), jaas(`${REF}x`), `${jaas(REF)} ${jaas('x')}`])
    t.notOk(givesNothingAway(value), value);
});

t.test('secrets are taken out of texts as they are, inside of JSON and of URLs', async (t) => {
  const redact = redactor([
    ['pass"word', '[1]'],
    ['pass"word-long', '[2]'],
    ['a b/c d', '[3]'],
    ['abc', '[4]'],
    ['true', '[5]'],
    ['', '[6]'],
    ['8083', '[7]'],
  ]);
  t.equal(redact('x pass"word-long y pass"word z'), 'x [2] y [1] z');
  t.equal(redact(JSON.stringify({ p: 'pass"word' })), '{"p":"[1]"}');
  t.equal(redact('http://u:a%20b%2Fc%20d@h'), 'http://u:[3]@h');
  t.equal(redact('abc true 8083'), 'abc true 8083', 'what is short or common stays');
});

t.test('a secret that was replaced is still hidden, one that was replaced twice is forgotten', async (t) => {
  const changes: string[] = [];
  const inUse = new SecretsInUse((redact) => changes.push(redact('first second third')));
  inUse.remember('c', [['first', '-']]);
  inUse.remember('c', [['first', '-']]);
  inUse.remember('c', [['second', '-']]);
  inUse.remember('c', [['third', '-']]);
  inUse.forget('c');
  inUse.forget('c');
  t.same(changes, ['- second third', '- - third', 'first - -', 'first second third']);
});
