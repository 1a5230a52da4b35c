import { javaRun, sharedKafka, skipUnlessAvailable } from '@tributary/services';
import { CompressionTypes, Kafka, logLevel, Partitioners } from 'kafkajs';
import t from 'tap';
import { openKafka } from '../../../src/broker/kafka/index.ts';
import { Bench, Member, numbered, record, text, values } from '../contract/support.ts';

const CONSOLE_CONSUMER = 'org.apache.kafka.tools.consumer.ConsoleConsumer';
const CONSOLE_PRODUCER = 'org.apache.kafka.tools.ConsoleProducer';

t.test('with other clients', { skip: await skipUnlessAvailable('kafka') }, async (t) => {
  const bootstrap = await sharedKafka();
  const open = () => openKafka({ configs: { 'bootstrap.servers': bootstrap }, clientId: 'peers' });
  const broker = await open();
  t.teardown(() => broker.close());
  const bench = new Bench(broker, open, {});
  const kafkajs = new Kafka({ clientId: 'kafkajs', brokers: bootstrap.split(','), logLevel: logLevel.NOTHING });

  await t.test('kafkajs reads what we write', async (t) => {
    const topic = await bench.topic();
    const headers = [{ key: 'h', value: Buffer.from('1') }];
    await bench.send([
      record(topic, 'v', { key: 'k', headers, timestamp: 1_234 }),
      record(topic, null, { key: 'gone' }),
    ]);
    const consumer = kafkajs.consumer({ groupId: bench.name('kafkajs') });
    t.teardown(() => consumer.disconnect());
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const seen: unknown[] = [];
    await consumer.run({
      eachMessage: async ({ message: { key, value, offset, timestamp, headers: got } }) =>
        void seen.push([key?.toString(), value?.toString() ?? null, offset, timestamp === '1234', got?.h?.toString()]),
    });
    await bench.until('both have come', () => seen.length === 2);
    t.strictSame(seen, [
      ['k', 'v', '0', true, '1'],
      ['gone', null, '1', false, undefined],
    ]);
  });

  await t.test('we read what kafkajs writes, and keys go to the same partitions', async (t) => {
    const [theirs, ours] = [await bench.topic(25), await bench.topic(25)];
    const producer = kafkajs.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    t.teardown(() => producer.disconnect());
    await producer.connect();
    const keys = numbered('key-', 500);
    const messages = keys.map((key) => ({ key, value: key, headers: { h: 'x' } }));
    await producer.send({ topic: theirs, messages, compression: CompressionTypes.GZIP });
    await bench.send(keys.map((key) => record(ours, key, { key, partition: null })));
    const placed = async (topic: string) =>
      (await bench.contents(topic)).map((r) => `${text(r.key)} ${text(r.value)} ${r.partition}`).sort();
    t.strictSame(await placed(theirs), await placed(ours));
  });

  for (const compression of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    await t.test(`Java reads what we compress with ${compression}, and we what Java does`, async (t) => {
      const [ours, theirs] = [await bench.topic(), await bench.topic()];
      const lines = numbered(`some text to compress ${'x'.repeat(200)} `, 2_000);
      const producer = await bench.producer(t, { compression });
      await producer.send(lines.map((line) => record(ours, line)));
      t.strictSame(values(await bench.contents(ours)), lines);
      const read = await javaRun({
        mainClass: CONSOLE_CONSUMER,
        args: ['--bootstrap-server', bootstrap, '--topic', ours, '--from-beginning', '--max-messages', '2000'],
      });
      t.strictSame(read.trim().split('\n'), lines);
      await javaRun({
        mainClass: CONSOLE_PRODUCER,
        args: ['--bootstrap-server', bootstrap, '--topic', theirs, '--compression-codec', compression],
        stdin: `${lines.join('\n')}\n`,
      });
      t.strictSame(values(await bench.contents(theirs)), lines);
    });
  }

  for (const first of ['ours', "Java's"] as const) {
    await t.test(`a Java consumer and ours share a group, ${first} being the first in it`, async (t) => {
      const topic = await bench.topic(4);
      const groupId = bench.name('mixed');
      const options = { groupId, topics: [topic], heartbeatIntervalMs: 300 };
      const args = ['--bootstrap-server', bootstrap, '--topic', topic, '--group', groupId, '--from-beginning'];
      const java = () =>
        javaRun({
          mainClass: CONSOLE_CONSUMER,
          args: [...args, '--consumer-property', 'heartbeat.interval.ms=300', '--max-messages', '20'],
        });
      let printed: Promise<string>;
      let member: Member;
      if (first === 'ours') {
        member = new Member(bench, t, options);
        await bench.until('we have all', () => member.held.length === 4);
        printed = java();
      } else {
        printed = java();
        await bench.until('the Java consumer is in the group', () =>
          broker.groups.alter(groupId, [{ topic, partition: 0, offset: 0 }]).then(
            () => false,
            () => true,
          ),
        );
        member = new Member(bench, t, options);
      }
      await bench.until('each has two', () => member.held.length === 2);
      await bench.send(
        [0, 1, 2, 3].flatMap((partition) => numbered(`${partition}-`, 10).map((v) => record(topic, v, { partition }))),
      );
      const theirs = (await printed).trim().split('\n');
      await bench.until('ours have come', () => member.records.length >= 20);
      const ours = values(member.records.slice(0, 20)) as string[];
      t.equal(new Set([...theirs, ...ours]).size, 40, 'together they have everything once');
      await bench.until('we have all after it left', () => member.held.length === 4);
      member.check();
    });
  }
});
