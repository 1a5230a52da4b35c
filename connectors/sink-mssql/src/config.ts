import { boolean, type Config, int, list, long, password, string } from '@tributary/api';
import { timeZone } from '@tributary/api/text';
import { tlsKeys } from '@tributary/api/tls';
import { deliveryConfig } from '@tributary/sink-kit';

export const INSERT_MODES = ['insert', 'upsert', 'update'] as const;
export type InsertMode = (typeof INSERT_MODES)[number];
export const PK_MODES = ['none', 'kafka', 'record_key', 'record_value'] as const;
export type PkMode = (typeof PK_MODES)[number];

/** The columns of `pk.mode=kafka`, unless `pk.fields` names others. */
export const KAFKA_PK_FIELDS = ['__connect_topic', '__connect_partition', '__connect_offset'] as const;

const connection = {
  'connection.url': string({
    default: null,
    importance: 'high',
    group: 'Connection',
    width: 'long',
    doc: 'The server and its properties as JDBC writes them: jdbc:sqlserver://host\\instance:1433;databaseName=shop;encrypt=true. In its place, or before it, connection.host and the keys below it.',
  }),
  'connection.host': string({
    default: null,
    importance: 'high',
    group: 'Connection',
    doc: 'The server, as host or host\\instance. Stands above connection.url, as do the keys below.',
  }),
  'connection.port': int({
    default: null,
    min: 1,
    max: 65_535,
    group: 'Connection',
    doc: 'The port of the server. Default: 1433, or what the SQL Server Browser says of a named instance.',
  }),
  'connection.database': string({
    default: null,
    importance: 'high',
    group: 'Connection',
    doc: 'The database. Default: that of the login.',
  }),
  'connection.user': string({
    default: null,
    importance: 'high',
    group: 'Connection',
    doc: 'The login. DOMAIN\\user logs in with NTLM.',
  }),
  'connection.password': password({
    default: null,
    importance: 'high',
    group: 'Connection',
    doc: 'The password of the login. Without a connection.user it is an access token of Entra ID.',
  }),
  'connection.domain': string({
    default: null,
    importance: 'low',
    group: 'Connection',
    doc: 'The Windows domain of the user; with it the login is by NTLM.',
  }),
  'connection.authentication': string({
    default: null,
    oneOf: [
      'SqlPassword',
      'NTLM',
      'ActiveDirectoryPassword',
      'ActiveDirectoryServicePrincipal',
      'ActiveDirectoryManagedIdentity',
      'ActiveDirectoryDefault',
      'AccessToken',
    ],
    caseSensitive: false,
    importance: 'low',
    group: 'Connection',
    doc: 'How to log in, by the names of JDBC. Default: what the URL says, else NTLM if there is a domain, else SqlPassword.',
  }),
  'connection.tenant.id': string({
    default: null,
    importance: 'low',
    group: 'Connection',
    doc: 'The tenant of Entra ID, for ActiveDirectoryPassword and ActiveDirectoryServicePrincipal.',
  }),
  'connection.client.id': string({
    default: null,
    importance: 'low',
    group: 'Connection',
    doc: 'The application or the managed identity in Entra ID. ActiveDirectoryServicePrincipal takes connection.user where it is not set, and connection.password as its secret.',
  }),
  'dialect.name': string({
    default: '',
    importance: 'low',
    group: 'Connection',
    doc: 'Accepted for configs of the JDBC sink: SqlServerDatabaseDialect or nothing.',
    validate: (value) =>
      value === '' || value === 'SqlServerDatabaseDialect'
        ? undefined
        : 'This sink writes to SQL Server only: SqlServerDatabaseDialect',
  }),
  'connection.attempts': int({
    default: 3,
    min: 1,
    importance: 'low',
    group: 'Connection',
    doc: 'How often to try to log in, at once, to a server that answers with an error that may pass. A server that cannot be reached is tried without end.',
  }),
  'connection.backoff.ms': long({
    default: 500,
    min: 0,
    importance: 'low',
    group: 'Connection',
    doc: 'The pause between these attempts, in milliseconds.',
  }),
} as const;

const writes = {
  'insert.mode': string({
    default: 'insert',
    oneOf: INSERT_MODES,
    caseSensitive: false,
    importance: 'high',
    group: 'Writes',
    doc: 'insert adds a row for each record; upsert updates the row with the same primary key, or adds it; update changes rows that are there.',
  }),
  ...deliveryConfig,
  'batch.size': int({
    default: 3000,
    min: 0,
    group: 'Writes',
    doc: 'The most records that are written at once, in one transaction. 0 is taken for 1.',
  }),
  'delete.enabled': boolean({
    default: false,
    group: 'Writes',
    doc: 'Whether a record without a value deletes the row with its key. Needs pk.mode=record_key.',
  }),
  'table.types': list({
    default: ['TABLE'],
    oneOf: ['TABLE', 'PARTITIONED TABLE', 'VIEW'],
    nonEmpty: true,
    importance: 'low',
    group: 'Writes',
    doc: 'What may be written to. Views can be, where SQL Server can update them.',
  }),
  'replace.null.with.default': boolean({
    default: true,
    importance: 'low',
    group: 'Writes',
    doc: "Whether a field that is null gets the default of its schema's.",
  }),
  delivery: string({
    default: 'at_least_once',
    oneOf: ['at_least_once', 'exactly_once'],
    caseSensitive: false,
    group: 'Writes',
    doc: 'exactly_once keeps the offsets in a table of the same database, in the transaction that writes the rows, and goes on from there.',
  }),
  'offsets.table.name': string({
    default: 'tributary_offsets',
    nonEmpty: true,
    importance: 'low',
    group: 'Writes',
    doc: 'The table for the offsets with delivery=exactly_once; it is created if need be. Several connectors can share one.',
  }),
} as const;

const mapping = {
  'table.name.format': string({
    default: '${topic}',
    nonEmpty: true,
    group: 'Data Mapping',
    doc: 'The table; ${topic} stands for the topic. dbo.${topic} names the schema, too; brackets enclose names with dots.',
  }),
  'pk.mode': string({
    default: 'none',
    oneOf: PK_MODES,
    caseSensitive: false,
    importance: 'high',
    group: 'Data Mapping',
    doc: "Where the primary key comes from: none, kafka (topic, partition and offset), record_key (the record's key or its fields) or record_value (fields of the value).",
  }),
  'pk.fields': list({
    default: [],
    group: 'Data Mapping',
    doc: 'The columns of the primary key. For kafka three, by default __connect_topic, __connect_partition and __connect_offset; for a key that is no struct exactly one; else fields of the key or the value, by default all.',
  }),
  'fields.whitelist': list({
    default: [],
    group: 'Data Mapping',
    doc: 'The fields of the value that are written. Default: all. Those of the primary key always are.',
  }),
  'db.timezone': string({
    default: 'UTC',
    group: 'Data Mapping',
    doc: 'The time zone of columns that have none of their own, such as datetime2.',
    validate: zoneError,
  }),
  'date.timezone': string({
    default: 'db_timezone',
    oneOf: ['db_timezone', 'utc'],
    caseSensitive: false,
    importance: 'low',
    group: 'Data Mapping',
    doc: "The time zone in which a Date of Connect becomes a day: db.timezone's, or utc, which leaves it the day that it is.",
  }),
  'timestamp.fields.list': list({
    default: [],
    group: 'Data Mapping',
    doc: 'Fields of the value that hold a time as a number, or as one in text, since the epoch in the unit of timestamp.precision.mode.',
  }),
  'timestamp.precision.mode': string({
    default: 'microseconds',
    oneOf: ['microseconds', 'nanoseconds'],
    caseSensitive: false,
    importance: 'low',
    group: 'Data Mapping',
    doc: 'The unit of timestamp.fields.list. SQL Server keeps tenths of a microsecond.',
  }),
  'date.calendar.system': string({
    default: 'LEGACY',
    oneOf: ['LEGACY', 'PROLEPTIC_GREGORIAN'],
    importance: 'low',
    group: 'Data Mapping',
    doc: 'Accepted for configs of the JDBC sink. The calendar is always the Gregorian, which is that of SQL Server.',
  }),
  'string.output.value.column.name': string({
    default: 'record_value',
    nonEmpty: true,
    importance: 'low',
    group: 'Data Mapping',
    doc: 'The column for values that are text and no struct.',
  }),
} as const;

const ddl = {
  'auto.create': boolean({
    default: false,
    group: 'DDL Support',
    doc: 'Whether a table that is missing is created, by the schema of the records, or by what their values look like where they have none.',
  }),
  'auto.evolve': boolean({
    default: false,
    group: 'DDL Support',
    doc: 'Whether columns that are missing are added. They must be optional or have a default.',
  }),
  'quote.sql.identifiers': string({
    default: 'always',
    oneOf: ['always', 'never'],
    caseSensitive: false,
    group: 'DDL Support',
    doc: 'Accepted for configs of the JDBC sink. Names are always quoted: SQL Server compares them in the same way with and without quotes.',
  }),
  'mssql.use.merge.holdlock': boolean({
    default: true,
    importance: 'low',
    group: 'DML Support',
    doc: 'Whether MERGE holds its locks (HOLDLOCK), so that two tasks which add the same key at the same time do not collide.',
  }),
  'trim.sensitive.log': boolean({
    default: false,
    importance: 'low',
    group: 'Retries',
    doc: 'Whether values that SQL Server quotes in its errors, such as those of a key that is there twice, are left out of messages.',
  }),
} as const;

const tls = tlsKeys('');

/** The keys of the sink: those of Confluent's JDBC sink, and its own. */
export const sinkConfig = {
  ...connection,
  ...writes,
  ...mapping,
  ...ddl,
  ...tls,
  'retry.backoff.ms': int({
    default: 3000,
    min: 0,
    group: 'Writes',
    doc: 'The pause before the first retry, in milliseconds; it doubles each time, and up to half of it is taken off by chance.',
  }),
  'retry.backoff.max.ms': int({
    default: 10_000,
    min: 1,
    importance: 'low',
    group: 'Writes',
    doc: 'The longest pause between two attempts, in milliseconds.',
  }),
} as const;

export type SinkConfig = Config<typeof sinkConfig>;

function zoneError(name: string): string | undefined {
  try {
    timeZone(name);
    return undefined;
  } catch {
    return 'Must be the name of a time zone, such as Europe/Zurich, or an offset such as +02:00';
  }
}
