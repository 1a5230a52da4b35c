/**
 * The speed of the embedded log: records of 124 bytes appended in batches and read back, and the time from a send to the poll
 * that returns it; also over a message port, both of its ends in this thread. Prints JSON.
 *
 *     node --conditions=tributary-source bench/src/broker-embedded.ts [records] [batch]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { openEmbedded } from '../../runtime/src/broker/embedded/index.ts';
import type { Broker, RecordToSend } from '../../runtime/src/broker/port.ts';
import { connectBroker, serveBroker } from '../../runtime/src/broker/remote/index.ts';

const RECORD_BYTES = 124;
const KEY_BYTES = 8;

interface Figures {
  readonly recordsPerSecond: number;
  /** CPU of the whole process, all threads. */
  readonly cpuMicrosPerRecord: number;
  /** CPU of the thread that runs JavaScript. */
  readonly threadMicrosPerRecord: number;
  /** The most CPU that the thread used before a timer that was due got its turn, in milliseconds. */
  readonly longestStretchMs: number;
}

async function measure(records: number, work: () => Promise<void>): Promise<Figures> {
  let longest = 0;
  let running = true;
  const threadMs = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let last = threadMs();
  const watch = (): void => {
    const now = threadMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setTimeout(watch, 1);
  };
  setTimeout(watch, 1);
  const cpu = process.cpuUsage();
  const thread = process.threadCpuUsage();
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  const used = process.cpuUsage(cpu);
  const usedHere = process.threadCpuUsage(thread);
  running = false;
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  return {
    recordsPerSecond: Math.round(records / (ms / 1000)),
    cpuMicrosPerRecord: round((used.user + used.system) / records),
    threadMicrosPerRecord: round((usedHere.user + usedHere.system) / records),
    longestStretchMs: round(longest),
  };
}

async function append(broker: Broker, topic: string, total: number, batch: number): Promise<void> {
  const producer = await broker.producer({ clientId: 'bench' });
  const value = Buffer.alloc(RECORD_BYTES - KEY_BYTES, 'x');
  const keys = Array.from({ length: 100 }, (_, index) => Buffer.from(`key${index}`.padEnd(KEY_BYTES)));
  const records: RecordToSend[] = Array.from({ length: batch }, (_, index) => ({
    topic,
    partition: 0,
    key: keys[index % keys.length]!,
    value,
    timestamp: null,
    headers: [],
  }));
  let underWay: Array<Promise<unknown>> = [];
  for (let sent = 0; sent < total; sent += batch) {
    underWay.push(producer.send(records));
    if (underWay.length >= 4) await underWay.shift();
  }
  await Promise.all(underWay);
  underWay = [];
  await producer.close();
}

async function consume(broker: Broker, topic: string, total: number): Promise<void> {
  const consumer = broker.consumer({ clientId: 'bench', groupId: 'bench', topics: [topic] });
  let bytes = 0;
  for (let seen = 0; seen < total; ) {
    const records = await consumer.poll({ maxRecords: 1000, timeoutMs: 1000 });
    for (const { key, value } of records) bytes += key!.length + value!.length;
    seen += records.length;
  }
  if (bytes !== total * RECORD_BYTES) throw new Error(`Read ${bytes} bytes of ${total * RECORD_BYTES}`);
  await consumer.close();
}

async function latencies(
  broker: Broker,
  topic: string,
  count: number,
): Promise<{ p50: number; p99: number; max: number }> {
  await broker.topics.create({ name: topic, partitions: 1, replicationFactor: 1, configs: {} });
  const producer = await broker.producer({ clientId: 'bench' });
  const consumer = broker.consumer({ clientId: 'bench', groupId: 'latency', topics: [topic] });
  await consumer.poll({ maxRecords: 1, timeoutMs: 0 });
  const times: number[] = [];
  for (let round = 0; round < count; round++) {
    const start = performance.now();
    const polled = consumer.poll({ maxRecords: 1, timeoutMs: 10_000 });
    await producer.send([
      { topic, partition: 0, key: null, value: Buffer.from(String(round)), timestamp: null, headers: [] },
    ]);
    await polled;
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => Math.round(times[Math.floor(share * (times.length - 1))]! * 1000) / 1000;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

const total = Number(process.argv[2] ?? 2_000_000);
const batch = Number(process.argv[3] ?? 1000);
const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
try {
  const broker = await openEmbedded({
    configs: { 'bootstrap.servers': `embedded:${folder}`, 'embedded.retention.bytes': '-1' },
    clientId: 'bench',
  });
  const create = (name: string): Promise<boolean> =>
    broker.topics.create({ name, partitions: 1, replicationFactor: 1, configs: {} });
  await create('warm');
  await append(broker, 'warm', 100_000, batch);
  await consume(broker, 'warm', 100_000);
  await create('bench');
  const appended = await measure(total, () => append(broker, 'bench', total, batch));
  const consumed = await measure(total, () => consume(broker, 'bench', total));
  const { port1, port2 } = new MessageChannel();
  const stop = serveBroker(broker, port1);
  const remote = await connectBroker(port2);
  await create('port');
  const overPort = {
    appended: await measure(total, () => append(remote, 'port', total, batch)),
    consumed: await measure(total, () => consume(remote, 'port', total)),
  };
  await remote.close();
  await stop();
  const latencyMs = await latencies(broker, 'latency', 1000);
  await broker.close();
  console.log(
    JSON.stringify(
      { records: total, batch, recordBytes: RECORD_BYTES, appended, consumed, overPort, latencyMs },
      null,
      2,
    ),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
