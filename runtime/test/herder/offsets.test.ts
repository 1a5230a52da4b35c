import t from 'tap';
import { modifiedMessage, offsetEntries, shownSinkOffsets, sinkOffsets } from '../../src/herder/offsets.ts';

const bad = (message: string | RegExp) => ({ name: 'BadRequestError', message });

t.test('entries of a body', async (t) => {
  t.strictSame(
    offsetEntries({ offsets: [{ partition: { a: 1 }, offset: { b: 2n } }, { partition: { a: 2 } }, { offset: null }] }),
    [
      { partition: { a: 1 }, offset: { b: 2n } },
      { partition: { a: 2 }, offset: null },
      { partition: null, offset: null },
    ],
  );
});

t.test('bodies that are no entries say what is wrong', async (t) => {
  const none = bad('Partitions / offsets need to be provided for an alter offsets request');
  t.throws(() => offsetEntries({}), none);
  t.throws(() => offsetEntries({ offsets: [] }), none);
  t.throws(() => offsetEntries({ offsets: null }), none);
  t.throws(() => offsetEntries([]), bad('The body must be a JSON object with "offsets"'));
  t.throws(() => offsetEntries(undefined), bad('The body must be a JSON object with "offsets"'));
  t.throws(() => offsetEntries({ offsets: {} }), bad(/^"offsets" must be a list/));
  t.throws(() => offsetEntries({ offsets: [null] }), bad(/^Each of the "offsets" must be a JSON object/));
  t.throws(() => offsetEntries({ offsets: [{ partition: 1 }] }), bad('Each "partition" must be a JSON object or null'));
  t.throws(() => offsetEntries({ offsets: [{}], x: 1 }), bad('Unrecognized field "x", known here is: "offsets"'));
  t.throws(
    () => offsetEntries({ offsets: [{ ofset: null }] }),
    bad('Unrecognized field "ofset", known here are: "partition", "offset"'),
  );
});

const at = (kafka_topic: unknown, kafka_partition: unknown) => ({ kafka_topic, kafka_partition });

t.test('offsets of a sink are numbers, or text of numbers; of the same partition the last counts', async (t) => {
  t.strictSame(
    sinkOffsets([
      { partition: at('t', '10'), offset: { kafka_offset: '+7' } },
      { partition: at('u', 0), offset: null },
      { partition: at('t', 10), offset: { kafka_offset: 8 } },
    ]),
    [
      [{ topic: 't', partition: 10 }, 8],
      [{ topic: 'u', partition: 0 }, null],
    ],
  );
});

t.test('offsets of a sink that make no sense are refused in the words of SinkUtils', async (t) => {
  const refuses = (
    partition: Record<string, unknown> | null,
    offset: Record<string, unknown> | null,
    message: RegExp,
  ) => t.throws(() => sinkOffsets([{ partition, offset }]), bad(message));
  refuses(null, null, /cannot be null or missing$/);
  refuses({ kafka_topic: 't' }, null, /must contain the keys 'kafka_topic' and 'kafka_partition'$/);
  refuses(at(null, 0), null, /^Kafka topic names must be valid strings/);
  refuses(at('t', null), null, /^Kafka partitions must be valid numbers/);
  for (const value of ['x', '', '1.5', 1.5, true, 2_147_483_648])
    refuses(at('t', value), null, /^Failed to parse the following Kafka partition value in the provided offsets: '/);
  refuses(at('t', 0), {}, /should either be null or contain the key 'kafka_offset'$/);
  for (const value of ['x', null, 1e20, 2n ** 60n])
    refuses(at('t', 0), { kafka_offset: value }, /^Failed to parse the following Kafka offset value/);
  refuses(at('t', 0), { kafka_offset: -1 }, /^The offset -1 is negative/);
});

t.test('committed offsets and results as they are shown', async (t) => {
  t.strictSame(shownSinkOffsets([{ topic: 't', partition: 1, offset: 7 }]), {
    offsets: [{ partition: { kafka_partition: 1, kafka_topic: 't' }, offset: { kafka_offset: 7 } }],
  });
  t.equal(modifiedMessage('reset', true).message, 'The offsets for this connector have been reset successfully');
  t.match(modifiedMessage('altered', false).message, /they will need to be manually altered in the system/);
});
