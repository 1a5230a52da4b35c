export type { BrokerHandle } from './broker.ts';
export type { JavaServerOptions } from './java-server.ts';
export { type KafkaHandle, type KafkaOptions, kafka } from './kafka.ts';
export { freePorts, isPortFree, LOOPBACK } from './ports.ts';
export type { Properties } from './properties.ts';
export { type Availability, available, type ServiceName, skipUnlessAvailable } from './requirements.ts';
export { ServiceStartError } from './server-process.ts';
export { sharedKafka } from './shared-kafka.ts';
export { type ProcessUsage, processUsage } from './usage.ts';
