import { messageOf, type Props, type ReportError } from '@tributary/api';
import { arrivingTopics } from '@tributary/sink-kit';
import { KAFKA_PK_FIELDS, type SinkConfig } from './config.ts';
import { KeyError } from './connection/key-error.ts';
import { type ServerOptions, serverOptions } from './connection/options.ts';
import { Session } from './connection/session.ts';
import { errorCodes, errorNumbers } from './errors.ts';
import { find } from './table/catalog.ts';
import { columnIndex, type TableInfo } from './table/info.ts';
import { literal, quoteTable, type TableName, tableNames } from './table/name.ts';

/** Milliseconds: who asks is waiting. */
const CONNECT_TIMEOUT = 5000;

/** Checks a config: key against key, then against the server, the database and its tables. */
export async function checkConfig(
  config: SinkConfig,
  report: ReportError,
  signal: AbortSignal,
  props: Props,
): Promise<void> {
  const server = checkKeys(config, report, props);
  if (server === null) return;
  const session = await connect(config, report, server);
  if (session === null) return;
  try {
    for (const topic of arrivingTopics(props)) {
      if (signal.aborted) return;
      await checkTopic(session, config, report, topic);
    }
    if (config.delivery === 'exactly_once') await checkOffsets(session, config, report);
  } catch (error) {
    report(keyOf(config, 'connection.database'), `The database could not be looked at: ${messageOf(error)}`);
  } finally {
    await session.close();
  }
}

/** What can be seen without a server. Null: something is wrong with how to reach it. */
function checkKeys(config: SinkConfig, report: ReportError, props: Props): ServerOptions | null {
  const mode = config['pk.mode'];
  const fields = config['pk.fields'];
  if (config['delete.enabled'] && mode !== 'record_key')
    report('pk.mode', "Primary key mode must be 'record_key' when delete support is enabled (delete.enabled=true)");
  if (config['insert.mode'] !== 'insert' && mode === 'none')
    report(
      'pk.mode',
      `insert.mode=${config['insert.mode']} finds rows by their primary key: set pk.mode to record_key, record_value or kafka`,
    );
  if (mode === 'kafka' && fields.length !== 0 && fields.length !== 3)
    report(
      'pk.fields',
      `With pk.mode=kafka there are three columns, for the topic, the partition and the offset: leave pk.fields empty for ${KAFKA_PK_FIELDS.join(', ')}, or name exactly three, and not ${fields.join(', ')}`,
    );
  attempt(report, 'table.name.format', () => tableNames(config['table.name.format'], 'topic'));
  attempt(report, 'offsets.table.name', () => tableNames(config['offsets.table.name'], ''));
  return attempt(report, 'connection.url', () => serverOptions(config, props)) ?? null;
}

function attempt<T>(report: ReportError, key: string, run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    report(error instanceof KeyError ? error.key : key, messageOf(error));
    return undefined;
  }
}

/** The key that says a thing, or the URL if that does. */
function keyOf(config: SinkConfig, key: 'connection.host' | 'connection.database' | 'connection.user'): string {
  return config[key] === null && config['connection.url'] !== null ? 'connection.url' : key;
}

async function connect(config: SinkConfig, report: ReportError, server: ServerOptions): Promise<Session | null> {
  const connectTimeout = Math.min(CONNECT_TIMEOUT, server.options.connectTimeout ?? CONNECT_TIMEOUT);
  try {
    return await Session.open({
      ...server,
      options: { ...server.options, connectTimeout, requestTimeout: CONNECT_TIMEOUT, maxRetriesOnTransientErrors: 0 },
    });
  } catch (error) {
    const [key, remedy] = causeOf(config, error);
    report(key, `${messageOf(error)} ${remedy}`);
    return null;
  }
}

const NO_DATABASE = new Set([4060, 4063, 4064, 911, 916]);
const LOGIN = new Set([18452, 18456, 18470, 18486, 18487, 18488]);

function causeOf(config: SinkConfig, error: unknown): readonly [key: string, remedy: string] {
  const numbers = errorNumbers(error);
  if (numbers.some((number) => NO_DATABASE.has(number)))
    return [
      keyOf(config, 'connection.database'),
      '- Check the name of the database, and whether the login has a user in it.',
    ];
  if (numbers.some((number) => LOGIN.has(number)))
    return [
      keyOf(config, 'connection.user'),
      '- Check connection.user and connection.password, and whether the server allows this kind of login.',
    ];
  const codes = errorCodes(error);
  if (codes.some((code) => /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/.test(code)))
    return [
      config['connection.url'] === null ? 'ssl.truststore.location' : 'connection.url',
      "- The server's certificate is not trusted: name the file of its authority by ssl.truststore.location, give the name in it by hostNameInCertificate in connection.url, or set trustServerCertificate=true there to trust any.",
    ];
  if (codes.includes('EENCRYPT'))
    return [
      config['connection.url'] === null ? keyOf(config, 'connection.host') : 'connection.url',
      '- Set encrypt in connection.url as the server has it.',
    ];
  if (codes.includes('EFEDAUTH'))
    return [
      config['connection.authentication'] === null ? keyOf(config, 'connection.user') : 'connection.authentication',
      '- Entra ID has refused to log in.',
    ];
  if (codes.includes('EINSTLOOKUP'))
    return [keyOf(config, 'connection.host'), '- Is the SQL Server Browser running there? Else give the port.'];
  return [
    keyOf(config, 'connection.host'),
    '- Check the host and the port (1433 unless another is configured), and whether the server allows TCP/IP.',
  ];
}

async function checkTopic(session: Session, config: SinkConfig, report: ReportError, topic: string): Promise<void> {
  const format = config['table.name.format'];
  const { name, info } = await find(session, format, topic);
  if (info === null) {
    if (config['auto.create']) await checkCreate(session, config, report, name, 'auto.create');
    else
      report(
        'table.name.format',
        `There is no table ${quoteTable(name)} for topic ${topic}, or the login may not see it: create it, set auto.create=true, or change table.name.format`,
      );
    return;
  }
  if (info.isView && !config['table.types'].includes('VIEW'))
    report('table.types', `${quoteTable(name)} is a view: add VIEW to table.types to write to it`);
  checkColumns(config, report, info);
  await checkPermissions(session, config, report, info);
}

function checkColumns(config: SinkConfig, report: ReportError, info: TableInfo): void {
  const table = quoteTable(info.name);
  const kafka = config['pk.mode'] === 'kafka' && config['pk.fields'].length === 0;
  const keys = config['pk.mode'] === 'none' ? [] : kafka ? KAFKA_PK_FIELDS : config['pk.fields'];
  const has = info.columns.map(({ name }) => name).join(', ');
  const missing = keys.filter((name) => columnIndex(info, name) < 0);
  if (missing.length > 0)
    report('pk.fields', `Table ${table} has no column ${missing.join(', ')} for the primary key; it has ${has}`);
  if (config['auto.evolve']) return;
  const unknown = config['fields.whitelist'].filter((name) => columnIndex(info, name) < 0);
  if (unknown.length > 0)
    report(
      'fields.whitelist',
      `Table ${table} has no column ${unknown.join(', ')}: add it or set auto.evolve=true; it has ${has}`,
    );
}

/** What each mode asks of a login. */
const NEEDED = { insert: ['INSERT'], upsert: ['SELECT', 'INSERT', 'UPDATE'], update: ['SELECT', 'UPDATE'] } as const;

async function checkPermissions(
  session: Session,
  config: SinkConfig,
  report: ReportError,
  info: TableInfo,
): Promise<void> {
  // Of tables in other databases the function knows nothing.
  if (info.name.database !== null) return;
  const needed = new Set<string>(NEEDED[config['insert.mode']]);
  if (config['delete.enabled']) for (const permission of ['SELECT', 'DELETE']) needed.add(permission);
  const table = quoteTable(info.name);
  const missing: string[] = [];
  for (const permission of needed) {
    const [row] = await session.query("SELECT HAS_PERMS_BY_NAME(@table, 'OBJECT', @permission) AS [granted]", {
      table,
      permission,
    });
    if (row?.['granted'] === 0) missing.push(permission);
  }
  if (missing.length > 0)
    report(
      keyOf(config, 'connection.user'),
      `The login lacks ${missing.join(', ')} on table ${table}: GRANT ${missing.join(', ')} ON ${table} TO its user`,
    );
}

async function checkCreate(
  session: Session,
  config: SinkConfig,
  report: ReportError,
  { database, schema, table }: TableName,
  key: string,
): Promise<void> {
  if (database !== null) return;
  const [row] = await session.query(
    "SELECT SCHEMA_ID(@schema) AS [schema_id], HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE TABLE') AS [granted]",
    { schema },
  );
  if (row?.['schema_id'] === null)
    report(
      key === 'auto.create' ? 'table.name.format' : key,
      `There is no schema ${schema} for table ${table}: CREATE SCHEMA it, or name another`,
    );
  if (row?.['granted'] === 0)
    report(
      config['connection.user'] === null ? key : 'connection.user',
      `Table ${table} is missing, and the login may not create it: create it by hand, or GRANT CREATE TABLE and ALTER ON SCHEMA::${schema} TO its user`,
    );
}

async function checkOffsets(session: Session, config: SinkConfig, report: ReportError): Promise<void> {
  const name = tableNames(config['offsets.table.name'], '')[0]!;
  const [row] = await session.query(`SELECT OBJECT_ID(${literal(quoteTable(name))}) AS [id]`);
  if (row?.['id'] == null) await checkCreate(session, config, report, name, 'offsets.table.name');
}
