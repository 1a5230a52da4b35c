import { join } from 'node:path';
import { javaRun, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { murmur2, partitionOf } from '../../../src/broker/kafka/partitioner.ts';

const program = join(import.meta.dirname, '../../../../services/test/java/Murmur2Partition.java');

t.test('hashes are those of Java, also for bytes above 127', async (t) => {
  // Kafka's own test vectors (UtilsTest.testMurmur2).
  for (const [key, hash] of [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ] as const) {
    t.equal(murmur2(Buffer.from(key)), hash, key);
  }
});

t.test('keys go where Java sends them', { skip: await skipUnlessAvailable('java') }, async (t) => {
  const keys = Array.from({ length: 2_000 }, (_, i) => `${'kéy ☃'.slice(0, i % 6)}${i * 7919}${'x'.repeat(i % 11)}`);
  for (const partitions of [1, 3, 25]) {
    const printed = await javaRun({ sourceFile: program, args: [`${partitions}`], stdin: `${keys.join('\n')}\n` });
    t.strictSame(
      keys.map((key) => partitionOf(Buffer.from(key), partitions)),
      printed.trim().split('\n').map(Number),
      `${partitions} partitions`,
    );
  }
});
