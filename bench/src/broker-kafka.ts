/**
 * The speed of the Kafka adapter beside kafkajs: records of 124 bytes produced to three partitions in batches, some of them
 * under way at once, and consumed by a group. Prints one line of JSON per client and direction. Starts a Kafka of its own,
 * unless `$TRIBUTARY_TEST_KAFKA` names one.
 *
 *     node --conditions=tributary-source bench/src/broker-kafka.ts [records] [batch] [none|gzip|snappy|lz4|zstd]
 */
import { sharedKafka } from '@tributary/services';
import { Kafka, logLevel } from 'kafkajs';
import { openKafka } from '../../runtime/src/broker/kafka/index.ts';
import type { Broker, ProducerOptions, RecordToSend } from '../../runtime/src/broker/port.ts';

const RECORD_BYTES = 124;
const KEY_BYTES = 8;
const PARTITIONS = 3;
const CALLS_AT_ONCE = 4;

const records = Number(process.argv[2] ?? 1_000_000);
const batch = Number(process.argv[3] ?? 1_000);
const compression = (process.argv[4] ?? 'none') as NonNullable<ProducerOptions['compression']>;

async function measure(what: string, work: () => Promise<void>): Promise<void> {
  let longest = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1_000;
  const used = process.cpuUsage(cpu);
  clearInterval(watch);
  const round = (value: number): number => Math.round(value * 100) / 100;
  console.log(
    JSON.stringify({
      what,
      records,
      recordsPerSecond: Math.round(records / seconds),
      cpuMicrosPerRecord: round((used.user + used.system) / records),
      longestStretchMs: round(longest),
    }),
  );
}

/** Calls `send` until all records are sent, with some calls under way at once. */
async function inParallel(send: () => Promise<unknown>): Promise<void> {
  let left = Math.ceil(records / batch);
  const lane = async () => {
    while (left-- > 0) await send();
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, lane));
}

const value = Buffer.alloc(RECORD_BYTES - KEY_BYTES, 'some text that compresses ');
const keys = Array.from({ length: batch }, (_, index) => Buffer.from(`${index}`.padEnd(KEY_BYTES)));

async function ours(broker: Broker, topic: string): Promise<void> {
  const producer = await broker.producer({ clientId: 'bench', compression });
  const list = keys.map((key): RecordToSend => ({ topic, partition: null, key, value, timestamp: null, headers: [] }));
  await measure('tributary: produce', () => inParallel(() => producer.send(list)));
  await producer.close();
  const consumer = broker.consumer({ clientId: 'bench', groupId: `${topic}-ours`, topics: [topic] });
  await consumer.poll({ maxRecords: 1, timeoutMs: 10_000 });
  let seen = 1;
  await measure('tributary: consume', async () => {
    while (seen < records) seen += (await consumer.poll({ maxRecords: 500, timeoutMs: 10_000 })).length;
  });
  await consumer.close();
}

async function theirs(bootstrap: string, topic: string): Promise<void> {
  const kafka = new Kafka({ clientId: 'bench', brokers: bootstrap.split(','), logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const messages = keys.map((key) => ({ key, value }));
  await measure('kafkajs: produce', () => inParallel(() => producer.send({ topic, messages, acks: -1 })));
  await producer.disconnect();
  const consumer = kafka.consumer({ groupId: `${topic}-kafkajs` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let seen = 0;
  const all = Promise.withResolvers<void>();
  const first = Promise.withResolvers<void>();
  await consumer.run({
    eachBatch: async ({ batch: { messages: got } }) => {
      first.resolve();
      seen += got.length;
      if (seen >= records) all.resolve();
    },
  });
  await first.promise;
  await measure('kafkajs: consume', () => all.promise);
  await consumer.disconnect();
}

process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1';
const bootstrap = await sharedKafka();
const broker = await openKafka({ configs: { 'bootstrap.servers': bootstrap }, clientId: 'bench' });
const names = [`bench-ours-${Date.now()}`, `bench-kafkajs-${Date.now()}`] as const;
for (const name of names)
  await broker.topics.create({ name, partitions: PARTITIONS, replicationFactor: 1, configs: {} });
await ours(broker, names[0]);
if (compression === 'none') await theirs(bootstrap, names[1]);
await broker.topics.delete(names);
await broker.close();
process.exit(0);
