import { defineSink, parseConfig, Secret } from '@tributary/api';
import { tlsKeys, tlsOptions } from '@tributary/api/tls';
import t from 'tap';

t.test('a connector takes the keys into its definition, behind its own prefix', async (t) => {
  const keys = tlsKeys('connection.');
  const sink = defineSink({ class: 'x.Sink', version: '1', config: keys, start: () => ({ put() {} }) });
  const { config, errors } = parseConfig(sink.config, { 'connection.ssl.keystore.password': 'geheim' });
  t.equal(errors.size, 0);
  t.ok(config['connection.ssl.keystore.password'] instanceof Secret);
  t.equal(config['connection.ssl.truststore.location'], null);
});

t.test('without any of them Node decides', async (t) => {
  t.same(tlsOptions({ 'other.ssl.cipher.suites': 'x' }, 'connection.'), {});
});

t.test('host names can be left unchecked', async (t) => {
  const { checkServerIdentity } = tlsOptions({ 'ssl.endpoint.identification.algorithm': '' }, '');
  t.equal(checkServerIdentity?.('a', {} as never), undefined);
  t.type(checkServerIdentity, 'function');
});

t.test('a store that cannot be read is an error on its key, with the prefix', async (t) => {
  t.throws(() => tlsOptions({ 'connection.ssl.truststore.location': '/no/such/file' }, 'connection.'), {
    name: 'ConfigError',
    message: /connection\.ssl\.truststore\.location/,
  });
  t.throws(() => tlsOptions({ 'connection.ssl.keystore.key': 'a key' }, 'connection.'), {
    name: 'ConfigError',
    message: /connection\.ssl\.keystore\.key and connection\.ssl\.keystore\.certificate\.chain belong together/,
  });
});
