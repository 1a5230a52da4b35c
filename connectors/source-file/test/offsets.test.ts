import type { SourceOffset, SourcePartition } from '@tributary/api';
import fileSource from '@tributary/source-file';
import t from 'tap';

const alter = (partition: unknown, offset: unknown, file: string | null = 'in.txt'): unknown =>
  fileSource.alterOffsets?.({ file, topic: 'lines', 'batch.size': 2000 }, [
    [partition as SourcePartition, offset as SourceOffset],
  ]);

t.test('positions can be set, and offsets reset', async (t) => {
  t.equal(alter({ filename: 'in.txt' }, { position: 0 }), true);
  t.equal(alter({ filename: 'in.txt' }, { position: 2n ** 60n }), true);
  t.equal(alter({ filename: 'in.txt' }, null), true);
  t.equal(alter({ nonsense: 1 }, null), true, 'what makes no sense can be removed');
});

t.test('anything else is refused in the words of Kafka', async (t) => {
  const cases: Array<[unknown, unknown, string]> = [
    [{ filename: 'x' }, {}, "Offset objects should either be null or contain the key 'position'"],
    [
      { filename: 'x' },
      { position: '7' },
      "The value for the 'position' key in the offset is expected to be a Long value",
    ],
    [
      { filename: 'x' },
      { position: 1.5 },
      "The value for the 'position' key in the offset is expected to be a Long value",
    ],
    [
      { filename: 'x' },
      { position: -1 },
      "The value for the 'position' key in the offset should be a non-negative value",
    ],
    [null, { position: 1 }, 'Partition objects cannot be null'],
    [{ file: 'x' }, { position: 1 }, "Partition objects should contain the key 'filename'"],
  ];
  for (const [partition, offset, message] of cases) t.throws(() => alter(partition, offset), { message }, message);
  t.throws(() => alter({ filename: 'x' }, { position: 1 }, null), {
    message: /^Offsets cannot be modified if the 'file' configuration is unspecified\./,
  });
});
