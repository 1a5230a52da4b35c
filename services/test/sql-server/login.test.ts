import sql from 'mssql';
import t from 'tap';
import { sqlServer } from '../../src/index.ts';
import { configOf, connected, poolTo } from './client.ts';

t.test('who it is and where', async (t) => {
  const { server, batch } = await connected(t);
  const [row] = await batch(
    'SELECT DB_NAME() AS db, SUSER_SNAME() AS login, SCHEMA_NAME() AS [schema], @@TRANCOUNT AS depth',
  );
  t.same(row, { db: 'tributary', login: 'sa', schema: 'dbo', depth: 0 });
  t.equal(server.url, `jdbc:sqlserver://127.0.0.1:${server.port};databaseName=tributary;encrypt=false`);
});

t.test('a wrong password, an unknown user, an unknown database', async (t) => {
  const server = await sqlServer();
  t.teardown(() => server.stop());
  const config = configOf(server);
  const login = (change: Partial<sql.config>): Promise<unknown> =>
    new sql.ConnectionPool({ ...config, ...change }).connect();
  await t.rejects(login({ password: 'wrong' }), { code: 'ELOGIN', message: "Login failed for user 'sa'." });
  await t.rejects(login({ user: 'nobody' }), { code: 'ELOGIN', message: "Login failed for user 'nobody'." });
  await t.rejects(login({ database: 'elsewhere' }), {
    code: 'ELOGIN',
    message: /Cannot open database "elsewhere"|Login failed/,
  });
  t.ok(await login({ database: 'master' }).then((pool) => (pool as sql.ConnectionPool).close().then(() => true)));
});

t.test('with TLS inside of TDS', async (t) => {
  const server = await sqlServer({ encryption: 'required' });
  t.teardown(() => server.stop());
  const trusting = await poolTo(t, server, { options: { encrypt: true, trustServerCertificate: true } });
  const long = 'x'.repeat(100_000);
  const { recordset } = await trusting
    .request()
    .input('long', sql.NVarChar(sql.MAX), long)
    .query('SELECT @long AS long');
  t.equal(recordset[0].long, long);

  const authority = {
    encrypt: true,
    trustServerCertificate: false,
    cryptoCredentialsDetails: { ca: server.certificate },
  };
  const checking = await poolTo(t, server, { server: 'localhost', options: authority });
  t.equal((await checking.request().query('SELECT 1 AS one')).recordset[0].one, 1);

  const distrusting = new sql.ConnectionPool({
    ...configOf(server),
    options: { encrypt: true, trustServerCertificate: false },
  });
  await t.rejects(distrusting.connect(), { message: /self-signed certificate/ });
  await t.rejects(new sql.ConnectionPool(configOf(server)).connect(), { message: /encrypt/ });
});

t.test('with TLS before TDS, as TDS 8.0 has it', async (t) => {
  const server = await sqlServer({ encryption: 'required' });
  t.teardown(() => server.stop());
  const options = {
    encrypt: 'strict' as unknown as boolean,
    trustServerCertificate: true,
    cryptoCredentialsDetails: { ca: server.certificate },
  };
  const pool = await poolTo(t, server, { server: 'localhost', options });
  t.equal((await pool.request().query('SELECT 1 AS one')).recordset[0].one, 1);
});

t.test('without TLS a client that asks for it stays out', async (t) => {
  const server = await sqlServer({ encryption: 'off' });
  t.teardown(() => server.stop());
  const pool = new sql.ConnectionPool({
    ...configOf(server),
    options: { encrypt: true, trustServerCertificate: true },
  });
  await t.rejects(pool.connect(), { message: /encrypt/ });
});
