export type { BrokerHandle } from './broker.ts';
export { type CassandraHandle, type CassandraOptions, type CassandraTls, cassandra } from './cassandra.ts';
export { type Certificate, selfSigned } from './certificate.ts';
export { type ConnectHandle, type ConnectOptions, connect } from './connect.ts';
export type { DataServerHandle } from './data-server.ts';
export { type InfluxdbAddress, type InfluxdbHandle, type InfluxdbOptions, influxdb } from './influxdb.ts';
export { type JavaProgram, type JavaRunOptions, javaRun } from './java-run.ts';
export type { JavaServerOptions } from './java-server.ts';
export { type KafkaHandle, type KafkaLink, type KafkaOptions, kafka } from './kafka.ts';
export { Link, type LinkFault } from './link.ts';
export { freePorts, isPortFree, LOOPBACK } from './ports.ts';
export { type Properties, propertiesText } from './properties.ts';
export { type PythonPackage, pythonPackage } from './python-package.ts';
export { type QuestdbHandle, type QuestdbOptions, questdb } from './questdb.ts';
export { Random } from './random.ts';
export { type Availability, available, type ServiceName, skipUnlessAvailable } from './requirements.ts';
export { type SchemaRegistryHandle, type SchemaRegistryOptions, schemaRegistry } from './schema-registry.ts';
export { ServerProcess, ServiceStartError } from './server-process.ts';
export { sharedCassandra } from './shared-cassandra.ts';
export { sharedInfluxdb } from './shared-influxdb.ts';
export { sharedKafka } from './shared-kafka.ts';
export { sharedSchemaRegistry } from './shared-schema-registry.ts';
export {
  type PendingFault,
  type RecordedStatement,
  type ShownTable,
  type ShownValue,
  type SqlServerFault,
  type SqlServerHandle,
  type SqlServerOptions,
  sqlServer,
} from './sql-server/index.ts';
export { type ProcessUsage, processUsage } from './usage.ts';
