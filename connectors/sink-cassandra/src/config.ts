import { boolean, type ConfigKey, int, list, password, type Secret, string } from '@tributary/api';
import { deliveryConfig } from '@tributary/sink-kit';

const CONNECTION = 'Connection';
const TLS = 'TLS';
const TABLES = 'Tables';
const WRITES = 'Writes';

const file = (doc: string): ConfigKey<string> => string({ default: '', importance: 'medium', group: TLS, doc });
const secret = (doc: string): ConfigKey<Secret | null> =>
  password({ default: null, importance: 'medium', group: TLS, doc });

/**
 * The keys of the connector; those of topics (`topic.<topic>.<keyspace>.<table>.<setting>`) are read apart. Names, defaults and
 * meanings are those of the DataStax Apache Kafka Connector where it has the key.
 */
export const cassandraConfig = {
  contactPoints: list({
    default: [],
    importance: 'high',
    group: CONNECTION,
    doc: 'Hosts of the cluster to begin with, separated by commas; the others are found through them. A host may have a port of its own: host:port. Default: localhost.',
  }),
  port: int({
    default: 9042,
    min: 1,
    max: 65_535,
    importance: 'high',
    group: CONNECTION,
    doc: "The port of the nodes' CQL service.",
  }),
  'loadBalancing.localDc': string({
    default: '',
    importance: 'high',
    group: CONNECTION,
    doc: 'The data center whose nodes are written to. It must be given with contactPoints.',
  }),
  'cloud.secureConnectBundle': string({
    default: '',
    importance: 'medium',
    group: CONNECTION,
    doc: 'The file with which a database of DataStax Astra is reached. contactPoints, loadBalancing.localDc and ssl.* are then in it.',
  }),
  'auth.provider': string({
    default: 'None',
    oneOf: ['None', 'PLAIN', 'GSSAPI'],
    importance: 'high',
    group: CONNECTION,
    doc: 'PLAIN: with auth.username and auth.password, which also mean it by themselves. GSSAPI cannot be had.',
  }),
  'auth.username': string({ default: '', importance: 'high', group: CONNECTION, doc: 'The role to log in as.' }),
  'auth.password': password({ default: null, importance: 'high', group: CONNECTION, doc: 'Its password.' }),
  connectionPoolLocalSize: int({
    default: 1,
    min: 1,
    importance: 'low',
    group: CONNECTION,
    doc: 'Connections to each node of the local data center. One carries 32,768 requests at a time; more of them cost more than they bring.',
  }),
  queryExecutionTimeout: int({
    default: 30,
    min: 1,
    importance: 'medium',
    group: CONNECTION,
    doc: 'How long a node may take for an answer, in seconds.',
  }),
  compression: string({
    default: 'None',
    oneOf: ['None', 'LZ4', 'Snappy'],
    caseSensitive: false,
    importance: 'low',
    group: CONNECTION,
    doc: 'Taken from configs for the DataStax connector; the driver here does not compress.',
  }),
  'ssl.provider': string({
    default: 'None',
    oneOf: ['None', 'JDK', 'OpenSSL'],
    importance: 'medium',
    group: TLS,
    doc: 'Anything but None turns TLS on. The two differ in the form of the client certificate: JDK takes ssl.keystore.*, OpenSSL ssl.openssl.*.',
  }),
  'ssl.hostnameValidation': boolean({
    default: true,
    importance: 'medium',
    group: TLS,
    doc: 'Whether the certificate of a node must be for its address or for one of the contact points.',
  }),
  'ssl.cipherSuites': list({
    default: [],
    importance: 'low',
    group: TLS,
    doc: 'The cipher suites that may be used, by the names of OpenSSL. Default: those of Node.js.',
  }),
  'ssl.truststore.path': file(
    'The certificates of the authorities that are trusted, a PEM file. Default: those that Node.js knows.',
  ),
  'ssl.truststore.password': secret('Not needed for PEM.'),
  'ssl.keystore.path': file('The certificate and key of this client, PEM or PKCS12.'),
  'ssl.keystore.password': secret('The password of the keystore.'),
  'ssl.openssl.keyCertChain': file('The certificate of this client, a PEM file.'),
  'ssl.openssl.privateKey': file('Its key, a PEM file.'),
  keyspace: string({
    default: null,
    nonEmpty: true,
    importance: 'high',
    group: TABLES,
    doc: 'Where the tables are that topics without a topic.<topic>.<keyspace>.<table>.mapping go into. Their columns are named as the fields of the value, or else of the key; a key that is no struct is the column key.',
  }),
  'table.name.format': string({
    default: '${topic}',
    nonEmpty: true,
    importance: 'medium',
    group: TABLES,
    doc: 'The name of the table in keyspace; ${topic} stands for the topic.',
  }),
  'auto.create': boolean({
    default: false,
    importance: 'medium',
    group: TABLES,
    doc: 'Whether keyspaces and tables that are missing are created, with columns as the first records have fields.',
  }),
  'auto.evolve': boolean({
    default: false,
    importance: 'medium',
    group: TABLES,
    doc: 'Whether columns are added for fields that a table has none for (without a mapping), or for columns of the mapping that are missing.',
  }),
  'partition.keys': list({
    default: [],
    importance: 'medium',
    group: TABLES,
    doc: "The columns of the partition key of tables that are created. Default: the fields of the record's key, or the column key. For one table: topic.<topic>.<keyspace>.<table>.partitionKeys.",
  }),
  'clustering.keys': list({
    default: [],
    importance: 'medium',
    group: TABLES,
    doc: 'The columns by which the rows of a partition are told apart and sorted, each with desc behind it for the newest first. For one table: topic.<topic>.<keyspace>.<table>.clusteringKeys.',
  }),
  bucket: string({
    default: 'none',
    oneOf: ['none', 'hour', 'day', 'month'],
    importance: 'medium',
    group: TABLES,
    doc: 'Adds a column bucket to the partition key of tables that are created, so that no partition grows without end: the hour (2024-05-31T12), day (2024-05-31) or month (2024-05), in UTC, of the first clustering key if it is a time, else of the record. For one table: topic.<topic>.<keyspace>.<table>.bucket.',
  }),
  'keyspace.replication': string({
    default: "{'class': 'SimpleStrategy', 'replication_factor': 1}",
    importance: 'medium',
    group: TABLES,
    doc: "The replication of keyspaces that are created, in CQL: {'class': 'NetworkTopologyStrategy', 'dc1': 3}. The default keeps one copy of each row.",
    validate: (text) =>
      /^\{(?:[^{}';]|'(?:[^']|'')*')*\}$/.test(text)
        ? undefined
        : "must be a map of CQL, such as {'class': 'SimpleStrategy', 'replication_factor': 1}",
  }),
  maxConcurrentRequests: int({
    default: 500,
    min: 1,
    importance: 'medium',
    group: WRITES,
    doc: 'The most requests under way at a time.',
  }),
  maxConcurrentRows: int({
    default: 2048,
    min: 1,
    importance: 'low',
    group: WRITES,
    doc: 'The most rows under way at a time, in all requests together. Rows are encoded when their turn comes; more of them only help where the cluster is far away.',
  }),
  maxNumberOfRecordsInBatch: int({
    default: 64,
    min: 1,
    // A batch counts its statements in 16 bits, and a row with lists takes two.
    max: 32_767,
    importance: 'medium',
    group: WRITES,
    doc: 'The most rows that are sent as one batch. A batch holds rows of one partition only.',
  }),
  'batch.bytes': int({
    default: 65_536,
    min: 1,
    importance: 'low',
    group: WRITES,
    doc: 'The most bytes of rows that are sent as one batch; a row that is larger goes by itself.',
  }),
  ignoreErrors: string({
    default: 'None',
    oneOf: ['None', 'All', 'Driver', 'false', 'true'],
    caseSensitive: false,
    importance: 'medium',
    group: WRITES,
    doc: 'Records that cannot be stored are reported (errors.tolerance, dead letter queue) with None, and only logged with All; with Driver those that Cassandra refuses are logged, and those that do not fit a column are reported. Leave it None to lose nothing.',
  }),
  ...deliveryConfig,
  'retry.backoff.max.ms': int({
    default: 5000,
    min: 1,
    importance: 'low',
    group: WRITES,
    doc: 'The longest pause between two attempts, in milliseconds.',
  }),
} as const;
