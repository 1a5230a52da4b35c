/** Values as text and back, as Kafka Connect and the Java classes behind it write and read them. */
export * from './numbers.ts';
