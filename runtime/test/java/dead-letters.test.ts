/** What Kafka's Connect worker and ours make of records that a sink's pipeline cannot take. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import type { Broker, RecordRead, RecordToSend } from '../../src/broker/port.ts';
import { bothSettle, type Pair, type Side, startPair, status } from './pair.ts';

const skip = await skipUnlessAvailable('connect');

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter';
const bytes = (text: string | null): Uint8Array | null => (text === null ? null : Buffer.from(text));
const record = (
  topic: string,
  key: string | null,
  value: string | null,
  more: Partial<RecordToSend> = {},
): RecordToSend => ({
  topic,
  partition: 0,
  key: bytes(key),
  value: bytes(value),
  timestamp: 1_700_000_000_123,
  headers: [],
  ...more,
});

/** Good and bad ones in turn; the bad ones at each stage. */
const recordsFor = (topic: string): RecordToSend[] => [
  record(topic, '"a"', '{"id":1}'),
  record(topic, '"b"', '{"id":'),
  record(topic, '"c"', '{"id":2}'),
  record(topic, '{', '{"id":3}'),
  record(topic, '{', 'neither'),
  record(topic, '"d"', '"no map"', {
    headers: [
      { key: 'trace', value: bytes('x\u00e9') },
      { key: 'none', value: null },
    ],
  }),
  record(topic, '"e"', null),
  record(topic, null, '{"id":4}'),
  record(topic, null, '\u0000\u0001', { headers: [{ key: 'bin', value: new Uint8Array([255, 0, 128]) }] }),
  record(topic, '"f"', '{"id":5}'),
];

const CONFIG = {
  'connector.class': 'FileStreamSink',
  topics: 'poison-{tag}',
  file: '{dir}/{tag}-sink.txt',
  'key.converter': JSON_CONVERTER,
  'key.converter.schemas.enable': false,
  'value.converter': JSON_CONVERTER,
  'value.converter.schemas.enable': false,
  transforms: 'key',
  'transforms.key.type': 'org.apache.kafka.connect.transforms.ValueToKey',
  'transforms.key.fields': 'id',
  'errors.deadletterqueue.topic.name': 'dlq-{tag}',
  'errors.deadletterqueue.topic.replication.factor': 1,
};

async function write(broker: Broker, topic: string): Promise<void> {
  await broker.topics.create({ name: topic, partitions: 1, replicationFactor: 1, configs: {} });
  const producer = await broker.producer({ clientId: 'test' });
  await producer.send(recordsFor(topic));
  await producer.close();
}

async function letters(broker: Broker, { tag }: Side): Promise<readonly RecordRead[]> {
  const topic = `dlq-${tag}`;
  if (!(await broker.topics.describe([topic])).has(topic)) return [];
  const found: RecordRead[] = [];
  const reader = broker.reader({
    clientId: 'test-letters',
    topic,
    onRecords: (records) => void found.push(...records),
    onError(error) {
      throw error;
    },
  });
  await reader.readToEnd();
  await reader.close();
  return found;
}

/** What must be the same: all but the words of the message and the stack. */
const comparable = ({ tag }: Side, letter: RecordRead) => ({
  key: letter.key && Buffer.from(letter.key).toString('latin1'),
  value: letter.value && Buffer.from(letter.value).toString('latin1'),
  timestamp: letter.timestamp,
  headers: letter.headers.map(({ key, value }) => [
    key,
    /message|stacktrace/.test(key)
      ? value !== null && value.length > 0
      : value && Buffer.from(value).toString('latin1').replaceAll(tag, '{tag}'),
  ]),
});

async function settled(pair: Pair, count: number): Promise<void> {
  const marks = pair.sides.map(() => 0);
  await bothSettle(pair, marks, [async (side) => (await letters(pair.broker, side)).length >= count], 'the letters');
}

t.test(
  'a tolerant sink: the same letters with the same headers, and the same records in the sink',
  { skip },
  async (t) => {
    const pair = await startPair(t, await sharedKafka());
    await Promise.all(pair.sides.map((side) => write(pair.broker, `poison-${side.tag}`)));
    const create = {
      name: 'snk-{tag}',
      config: { ...CONFIG, 'errors.tolerance': 'all', 'errors.deadletterqueue.context.headers.enable': true },
    };
    for (const side of pair.sides) t.equal((await side.send(['POST', '/connectors', create])).status, 201);
    await settled(pair, 6);
    const lines = (side: Side): string[] => readFileSync(join(pair.dir, `${side.tag}-sink.txt`), 'utf8').split('\n');
    await bothSettle(pair, [0, 0], [async (side) => lines(side).length === 5], 'the last good record');
    const [java, ours] = await Promise.all(
      pair.sides.map(async (side) => (await letters(pair.broker, side)).map((letter) => comparable(side, letter))),
    );
    t.same(ours, java);
    t.equal(ours?.length, 6);
    t.same(lines(pair.ours), lines(pair.java));
  },
);

t.test('a sink that tolerates nothing: one letter, and the task fails', { skip }, async (t) => {
  const pair = await startPair(t, await sharedKafka());
  await Promise.all(pair.sides.map((side) => write(pair.broker, `poison-${side.tag}`)));
  const create = { name: 'snk-{tag}', config: { ...CONFIG, 'errors.tolerance': 'none' } };
  for (const side of pair.sides) t.equal((await side.send(['POST', '/connectors', create])).status, 201);
  await bothSettle(pair, [0, 0], [status('snk-{tag}', 'RUNNING', 'FAILED')], 'the failure');
  await settled(pair, 1);
  const [java, ours] = await Promise.all(
    pair.sides.map(async (side) => (await letters(pair.broker, side)).map((letter) => comparable(side, letter))),
  );
  t.same(ours, java);
  const { json } = await pair.ours.worker.call('GET', `/connectors/snk-${pair.ours.tag}/status`);
  t.match(
    json.tasks[0].trace.split('\n')[0],
    /\[connector snk-\w+, task 0, stage VALUE_CONVERTER \(.*JsonConverter\), topic poison-\w+, partition 0, offset 1\]/,
  );
});
