import type { Props } from '@tributary/api';
import t from 'tap';
import { KeyError } from '../../src/connection/key-error.ts';
import { serverOptions } from '../../src/connection/options.ts';
import { configOf } from '../support.ts';

const user = { 'connection.user': 'sa', 'connection.password': 'secret' };
const options = (props: Props) => serverOptions(configOf(props), props);
const ofUrl = (properties: string, props: Props = user) =>
  serverOptions(configOf({ 'connection.url': `jdbc:sqlserver://ignored;${properties}`, ...props }), props);

t.test('a URL says everything that the driver can be told', async (t) => {
  const { options } = ofUrl(
    'databaseName=shop;encrypt=false;loginTimeout=7;queryTimeout=8;applicationName=me;applicationIntent=ReadOnly;multiSubnetFailover=true;packetSize=8000;workstationID=w;hostNameInCertificate=n;lockTimeout=9;selectMethod=cursor',
  );
  t.match(options, {
    database: 'shop',
    encrypt: false,
    trustServerCertificate: false,
    connectTimeout: 7000,
    requestTimeout: 8000,
    appName: 'me',
    readOnlyIntent: true,
    multiSubnetFailover: true,
    packetSize: 8000,
    workstationId: 'w',
    serverName: 'n',
  });
});

t.test('without one the connection is encrypted, and fails rather than trusts', async (t) => {
  const { options: driver, server } = options(user);
  t.equal(server, 'db');
  t.match(driver, { encrypt: true, trustServerCertificate: false, abortTransactionOnError: true });
});

t.test('keys stand above the URL, a port above an instance', async (t) => {
  const props = {
    ...user,
    'connection.url': 'jdbc:sqlserver://other\\one:1500;databaseName=a;user=u;password=p',
    'connection.host': 'mine',
    'connection.database': 'b',
  };
  const { server, options, authentication } = serverOptions(configOf(props), props);
  t.equal(server, 'mine');
  t.match(options, { port: 1500, database: 'b' });
  t.notHas(options, { instanceName: 'one' });
  t.match(authentication, { type: 'default', options: { userName: 'sa', password: 'secret' } });
});

t.test('every way to log in that the driver has', async (t) => {
  const type = (properties: string, props: Props) => ofUrl(properties, props).authentication;
  t.match(type('user=u;password=p', {}), { type: 'default', options: { userName: 'u', password: 'p' } });
  t.match(type('', { ...user, 'connection.user': 'CORP\\me' }), {
    type: 'ntlm',
    options: { domain: 'CORP', userName: 'me', password: 'secret' },
  });
  t.match(type('integratedSecurity=true;authenticationScheme=NTLM;domain=CORP', user), { type: 'ntlm' });
  t.match(type('accessToken=abc', {}), { type: 'azure-active-directory-access-token', options: { token: 'abc' } });
  t.match(
    type('', { 'connection.password': 'tok' }),
    { type: 'azure-active-directory-access-token', options: { token: 'tok' } },
    'as in the JDBC sink',
  );
  t.match(type('authentication=ActiveDirectoryServicePrincipal;tenantId=t', user), {
    type: 'azure-active-directory-service-principal-secret',
    options: { clientId: 'sa', clientSecret: 'secret', tenantId: 't' },
  });
  t.match(type('authentication=ActiveDirectoryManagedIdentity;msiClientId=m', {}), {
    type: 'azure-active-directory-msi-vm',
    options: { clientId: 'm' },
  });
  t.match(type('authentication=ActiveDirectoryDefault', {}), { type: 'azure-active-directory-default' });
  t.match(
    type('authentication=ActiveDirectoryPassword', {
      ...user,
      'connection.tenant.id': 't',
      'connection.client.id': 'c',
    }),
    { type: 'azure-active-directory-password', options: { clientId: 'c', tenantId: 't' } },
  );
});

t.test('what is missing or not to be had is an error on its key', async (t) => {
  const fails = (run: () => unknown, key: string, message: RegExp) => {
    const error = t.throws(run, { message }) as unknown as KeyError;
    t.ok(error instanceof KeyError);
    t.equal(error.key, key);
  };
  fails(() => ofUrl('', {}), 'connection.user', /needed to log in/);
  fails(() => ofUrl('integratedSecurity=true', user), 'connection.url', /Kerberos/);
  fails(() => ofUrl('authentication=ActiveDirectoryServicePrincipal', user), 'connection.tenant.id', /needed/);
  fails(() => ofUrl('trustStore=a.jks'), 'connection.url', /ssl\.truststore\.location/);
  fails(() => ofUrl('encrypt=perhaps'), 'connection.url', /encrypt=perhaps/);
  fails(() => serverOptions(configOf({ 'connection.host': '', ...user }), {}), 'connection.host', /No server/);
  fails(() => serverOptions(configOf({ 'connection.url': 'jdbc:mysql://x' }), {}), 'connection.url', /jdbc:mysql/);
});

t.test('properties that concern Java alone are named, to be logged', async (t) => {
  t.strictSame(ofUrl('selectMethod=cursor;databaseName=x;sendTimeAsDatetime=true').ignored, [
    'selectmethod',
    'sendtimeasdatetime',
  ]);
});
