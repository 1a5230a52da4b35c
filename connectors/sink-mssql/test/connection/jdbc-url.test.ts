import t from 'tap';
import { parseJdbcUrl } from '../../src/connection/jdbc-url.ts';

const read = (url: string) => {
  const { host, instance, port, properties } = parseJdbcUrl(url);
  return { host, instance, port, properties: Object.fromEntries(properties) };
};

t.test('host, instance, port and properties are read', async (t) => {
  t.strictSame(
    read('jdbc:sqlserver://db.example.com:1444;databaseName=shop;Encrypt=true;trustServerCertificate=true;'),
    {
      host: 'db.example.com',
      instance: null,
      port: 1444,
      properties: { databasename: 'shop', encrypt: 'true', trustservercertificate: 'true' },
    },
  );
  t.match(read('jdbc:sqlserver://db\\SQLEXPRESS:1500'), { host: 'db', instance: 'SQLEXPRESS', port: 1500 });
  t.match(read('jdbc:sqlserver://db\\SQLEXPRESS'), { instance: 'SQLEXPRESS', port: null });
  t.match(read('jdbc:sqlserver://[2001:db8::1]:1433'), { host: '2001:db8::1', port: 1433 });
  t.match(read('jdbc:microsoft:sqlserver://db'), { host: 'db' });
});

t.test('the server can stand among the properties', async (t) => {
  t.match(read('jdbc:sqlserver://;serverName=db\\one;portNumber=1433'), { host: 'db', instance: 'one', port: 1433 });
  t.match(read('jdbc:sqlserver://;server=db;instanceName=two'), { host: 'db', instance: 'two' });
});

t.test('values in braces hold semicolons, equals signs and doubled braces', async (t) => {
  t.strictSame(read('jdbc:sqlserver://db;user=sa;password={a;b=c}}d};databaseName={my db};;').properties, {
    user: 'sa',
    password: 'a;b=c}d',
    databasename: 'my db',
  });
  t.strictSame(read('jdbc:sqlserver://db;user=a;user=b').properties, { user: 'b' }, 'the last holds');
});

t.test('the form of jTDS has the database behind a slash', async (t) => {
  t.match(read('jdbc:jtds:sqlserver://db:1433/shop;instance=x;domain=CORP'), {
    host: 'db',
    port: 1433,
    instance: 'x',
    properties: { databasename: 'shop', domain: 'CORP' },
  });
});

t.test('a URL of another database says so', async (t) => {
  t.throws(() => parseJdbcUrl('jdbc:postgresql://db/shop'), { message: /'jdbc:postgresql:' is not one of SQL Server/ });
  t.throws(() => parseJdbcUrl('db:1433'), { message: /cannot be read; write jdbc:sqlserver/ });
});

t.test('what cannot be read is told without any value, which may be a password', async (t) => {
  for (const url of [
    'jdbc:sqlserver://db;password={secret',
    'jdbc:sqlserver://db;password={secret}x;a=b',
    'jdbc:sqlserver://db;=secret',
  ]) {
    t.throws(() => parseJdbcUrl(url), { message: /^((?!secret).)*$/ }, url);
  }
  t.throws(() => parseJdbcUrl('jdbc:sqlserver://db:99999'), { message: /port '99999'/ });
});
