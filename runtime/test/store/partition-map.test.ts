import type { SourceRecord } from '@tributary/api';
import { sourceRecord } from '@tributary/api';
import t from 'tap';
import { PartitionMap } from '../../src/store/partition-map.ts';
import { lastOffsets } from '../../src/tasks/sends.ts';

const record = (sourcePartition: object | null, n: number | null): SourceRecord =>
  sourceRecord({
    topic: 't',
    sourcePartition: sourcePartition as SourceRecord['sourcePartition'],
    sourceOffset: n === null ? null : { n },
  });

t.test('partitions are the same if they say the same, in whatever order', async (t) => {
  const map = new PartitionMap<number>();
  map.set({ feed: 'x', symbol: 'A' }, 1);
  map.set({ symbol: 'A', feed: 'x' }, 2);
  map.set({ feed: 'x', symbol: 'B' }, 3);
  t.equal(map.size, 2);
  t.equal(map.get({ feed: 'x', symbol: 'A' }), 2);
  t.equal(map.get({ feed: 'x', symbol: 'C' }), undefined);
});

t.test('the last offset of each partition counts, whichever objects name the partition', async (t) => {
  const [a, again, b] = [{ symbol: 'A' }, { symbol: 'A' }, { symbol: 'B' }];
  const records = [record(a, 1), record(again, 2), record(b, 3), record(a, 4), record(null, 5), record(again, null)];
  t.strictSame(lastOffsets(records), [
    [b, { n: 3 }],
    [a, { n: 4 }],
  ]);
  t.strictSame(lastOffsets([record(a, 1), record(again, 2)]), [[again, { n: 2 }]]);
  t.strictSame(lastOffsets([record(null, null)]), []);
});

t.test('more partitions than are known by their objects are told apart', async (t) => {
  const map = new PartitionMap<number>();
  for (let n = 0; n < 25_000; n++) map.set({ symbol: `S${n % 12_000}` }, n);
  t.equal(map.size, 12_000);
  t.equal(map.get({ symbol: 'S0' }), 24_000);
});
