import { ConfigError, type Connector, messageOf, type ReportError } from '@tributary/api';
import { errors, types } from 'cassandra-driver';
import type { cassandraConfig } from './config.ts';
import { quoteName, quoteTable } from './cql/names.ts';
import type { Table } from './cql/table.ts';
import { MissingColumnError } from './rows/columns.ts';
import { type CassandraConfig, readSettings, type TableSettings } from './settings/table-settings.ts';
import { hostErrors } from './store/faults.ts';
import { planOf } from './store/plans.ts';
import { missing, unfitName } from './store/schema-error.ts';
import { Session } from './store/session.ts';

/** Seconds: who asks is waiting. */
const LONGEST_ANSWER = 5;

const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** Looks at the settings, the cluster and the tables, and says what is wrong under the key where it can be mended. */
export const check: NonNullable<Connector<typeof cassandraConfig>['validate']> = async (
  config,
  report,
  signal,
  props,
) => {
  let wrong = false;
  const reported: ReportError = (key, message) => {
    wrong = true;
    report(key, message);
  };
  const { tables } = readSettings(config, props, reported);
  if (config.contactPoints.length > 0 && config['loadBalancing.localDc'] === '')
    await reportDataCenters(config, reported);
  if (wrong) return;
  await withSession(config, reported, async (session) => {
    for (const table of tables) {
      if (signal.aborted) return;
      await checkTable(config, session, table, reported);
    }
  });
};

async function withSession(
  config: CassandraConfig,
  report: ReportError,
  use: (session: Session) => Promise<void>,
): Promise<void> {
  let session: Session;
  try {
    const queryExecutionTimeout = Math.min(LONGEST_ANSWER, config.queryExecutionTimeout);
    session = new Session({ ...config, queryExecutionTimeout }, SILENT);
  } catch (error) {
    return report(keyOf(messageOf(error)), messageOf(error));
  }
  try {
    await session.connect();
    await use(session);
  } catch (error) {
    reportFault(config, error, report);
  } finally {
    await session.close().catch(() => {});
  }
}

/** Keys that messages about certificates and logins begin with or name. */
const keyOf = (message: string): string =>
  /\b(auth\.(?:provider|password)|ssl\.[\w.]*\w)\b/.exec(message)?.[1]?.replace('store.location', 'store.path') ??
  'contactPoints';

async function reportDataCenters(config: CassandraConfig, report: ReportError): Promise<void> {
  await withSession(
    { ...config, contactPoints: config.contactPoints, 'loadBalancing.localDc': '' },
    report,
    async (session) => {
      report(
        'loadBalancing.localDc',
        `loadBalancing.localDc must be given with contactPoints; there is ${session
          .dataCenters()
          .map((name) => `'${name}'`)
          .join(', ')}`,
      );
    },
  );
}

function reportFault(config: CassandraConfig, error: unknown, report: ReportError): void {
  const causes = error instanceof errors.NoHostAvailableError ? [...hostErrors(error).values()] : [];
  const inner =
    causes.find((cause) => cause instanceof errors.AuthenticationError) ??
    causes.find((cause) => cause instanceof Error);
  const cause = inner ?? error;
  const message = messageOf(cause).trim();
  const hosts = config.contactPoints.join(', ') || '127.0.0.1';
  if (cause instanceof errors.AuthenticationError || isCode(cause, types.responseErrorCodes.badCredentials)) {
    const given = config['auth.username'] !== '';
    report(
      given ? 'auth.password' : 'auth.provider',
      given
        ? `Cassandra refuses the login of '${config['auth.username']}': check auth.username and auth.password (${message})`
        : `Cassandra asks for a login: set auth.provider=PLAIN, auth.username and auth.password (${message})`,
    );
  } else if (isCode(cause, types.responseErrorCodes.unauthorized)) {
    report(
      'auth.username',
      `'${config['auth.username']}' may not do what the sink needs: ${message}. Grant it SELECT on system_schema and MODIFY on the tables`,
    );
  } else if (/[Dd]ata ?center/.test(message)) {
    report('loadBalancing.localDc', `Data center '${config['loadBalancing.localDc']}' does not exist: ${message}`);
  } else if (isOfTls(cause)) {
    reportTls(config, message, (cause as { code?: string }).code ?? '', report);
  } else {
    report(
      'contactPoints',
      `Cassandra cannot be reached at ${hosts} (port ${config.port}): ${message}. Check contactPoints and port, and whether the cluster runs`,
    );
  }
}

const isCode = (error: unknown, code: number): boolean => error instanceof errors.ResponseError && error.code === code;

const isOfTls = (error: unknown): boolean =>
  error instanceof Error &&
  /^(?:ERR_TLS|ERR_SSL|EPROTO|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_|HOSTNAME_MISMATCH)/.test(
    String((error as { code?: unknown }).code),
  );

function reportTls(config: CassandraConfig, message: string, code: string, report: ReportError): void {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    report(
      'ssl.hostnameValidation',
      `The certificate of the node is for another name: ${message}. Use a contact point that it names, or set ssl.hostnameValidation=false`,
    );
  else if (/SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_/.test(code))
    report(
      'ssl.truststore.path',
      `The certificate of the node is not trusted: ${message}. Set ssl.truststore.path to a PEM file with that of its authority`,
    );
  else if (/wrong.version|packet length/i.test(message))
    report(
      'ssl.provider',
      `The node does not speak TLS on port ${config.port}: ${message}. Set ssl.provider=None, or another port`,
    );
  else report('ssl.provider', `TLS with the node cannot be agreed on: ${message}`);
}

async function checkTable(
  config: CassandraConfig,
  session: Session,
  settings: TableSettings,
  report: ReportError,
): Promise<void> {
  const found = await session.table(settings.keyspace, settings.table);
  if (typeof found === 'string') {
    const wrong = config['auto.create']
      ? unfitName(settings)
      : {
          of: found === 'no keyspace' ? 'keyspace' : 'table',
          message: missing(settings, found, session.keyspaces()).message,
        };
    if (!wrong) return;
    const key = wrong.of === 'keyspace' ? 'keyspace' : 'table.name.format';
    return report(settings.mapping !== null ? settings.key : key, wrong.message);
  }
  try {
    planOf(settings, found);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (!(config['auto.evolve'] && error instanceof MissingColumnError)) report(settings.key, error.message);
    return;
  }
  await checkPermission(config, session, found, report);
}

/** Asks for a deletion of no rows, which needs the permission that every write needs, and nothing else. */
async function checkPermission(
  config: CassandraConfig,
  session: Session,
  { keyspace, name, partitionKeys }: Table,
  report: ReportError,
): Promise<void> {
  const table = quoteTable(keyspace, name);
  const noRows = partitionKeys.map((key) => `${quoteName(key)} IN ()`).join(' AND ');
  try {
    await session.run(`DELETE FROM ${table} WHERE ${noRows}`);
  } catch (error) {
    // A store that does not know such a deletion tells nothing of permissions.
    if (!isCode(error, types.responseErrorCodes.unauthorized)) return;
    const role = config['auth.username'];
    report(
      'auth.username',
      `'${role}' may not write to table ${table}: ${messageOf(error)}. GRANT MODIFY ON ${table} TO ${quoteName(role)}`,
    );
  }
}
