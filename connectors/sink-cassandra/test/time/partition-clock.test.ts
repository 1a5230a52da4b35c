import { isDeepStrictEqual as same } from 'node:util';
import type { SinkRecord } from '@tributary/api';
import { sinkRecords } from '@tributary/api/testing';
import fc from 'fast-check';
import t from 'tap';
import { readClocks, writeClocks } from '../../src/time/clock-text.ts';
import { PartitionClock, type TimeSource } from '../../src/time/partition-clock.ts';
import { WriteTimes } from '../../src/time/write-times.ts';

const SOURCES: readonly TimeSource[] = [
  { name: '', width: 1000, read: ({ timestamp }) => timestamp! * 1000 },
  { name: 'value MICROSECONDS', width: 1, read: ({ value }) => value as number },
];

/** A partition with ties, late records, and one bulge of more ties than a millisecond has microseconds. */
const partition = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.boolean()), { minLength: 1, maxLength: 60 })
  .map((items) =>
    sinkRecords(
      items.flatMap(([millis, bulge], i) =>
        Array.from({ length: bulge && i === 3 ? 1200 : 1 }, (_none, n) => ({
          topic: 'ticks',
          timestamp: 1_700_000_000_000 + millis,
          value: 1_700_000_000_000_000 + millis * 3 + (n % 2),
        })),
      ),
    ),
  );

type Times = ReadonlyArray<readonly number[]>;

/** Puts records in batches of a size, into a clock that begins with what was committed. */
class Run {
  readonly times = new Map(SOURCES.map(({ name }) => [name, new WriteTimes()]));
  readonly clock: PartitionClock;

  constructor(committed?: { offset: number; text: string }) {
    this.clock = new PartitionClock(
      SOURCES,
      committed && { offset: committed.offset, states: readClocks(committed.text)! },
    );
  }

  put(records: readonly SinkRecord[], size = 7): Times {
    for (let i = 0; i < records.length; i += size) this.clock.assign(records.slice(i, i + size), this.times);
    return this.timesOf(records);
  }

  timesOf(records: readonly SinkRecord[]): Times {
    return records.map((record) => SOURCES.map(({ name }) => this.times.get(name)!.get(record)!));
  }

  commit(offset: number): { offset: number; text: string } {
    return { offset, text: writeClocks(this.clock.commit(offset)) };
  }
}

t.test('a restart at any commit repeats the write times', async () => {
  fc.assert(
    fc.property(partition, fc.nat(100), fc.integer({ min: 1, max: 40 }), (records, at, size) => {
      const expected = new Run().put(records);
      const cut = at % (records.length + 1);
      const first = new Run();
      first.put(records.slice(0, cut), size);
      const committed = first.commit(cut);
      first.put(records.slice(cut), size);
      const again = new Run(committed).put(records.slice(cut), 11);
      // It must fit in what Kafka keeps.
      return same(again, expected.slice(cut)) && committed.text.length <= 4096;
    }),
    { numRuns: 60 },
  );
});

t.test('a batch that comes again gets the same write times', async () => {
  fc.assert(
    fc.property(partition, fc.nat(100), (records, at) => {
      const expected = new Run().put(records);
      const cut = at % records.length;
      const run = new Run();
      run.put(records.slice(0, cut));
      run.clock.assign(records.slice(cut), run.times);
      run.clock.assign(records.slice(cut), run.times);
      run.clock.assign(records.slice(cut), run.times);
      return same(run.timesOf(records), expected);
    }),
    { numRuns: 60 },
  );
});

t.test('what comes again from the last commit on, over several batches, gets the same write times', async () => {
  fc.assert(
    fc.property(partition, fc.nat(100), (records, at) => {
      const expected = new Run().put(records);
      const cut = at % records.length;
      const run = new Run();
      run.put(records.slice(0, cut));
      run.commit(cut);
      run.put(records.slice(cut), 5);
      return same(run.put(records.slice(cut), 9), expected.slice(cut));
    }),
    { numRuns: 60 },
  );
});

t.test('a replay from the beginning repeats the write times, in the same task and in a new one', async () => {
  fc.assert(
    fc.property(partition, (records) => {
      const run = new Run();
      const expected = run.put(records);
      run.commit(records.length);
      return same(run.put(records, 13), expected) && same(new Run().put(records, 13), expected);
    }),
    { numRuns: 60 },
  );
});

t.test('a replay of less keeps the order, and what is new comes after all of it', async () => {
  fc.assert(
    fc.property(partition, fc.nat(100), (records, at) => {
      const run = new Run();
      run.put(records);
      const again = run.put(records.slice(at % records.length));
      const [more] = sinkRecords([
        { topic: 'ticks', offset: records.length, timestamp: 1_700_000_000_009, value: 1_700_000_000_000_100 },
      ]);
      const [times] = run.put([more!]);
      return again.every((own) => own.every((time, i) => time < times![i]!));
    }),
    { numRuns: 60 },
  );
});

t.test('text that is no clock says nothing', async (t) => {
  for (const text of [
    '',
    '{}',
    'null',
    '{"clock":2,"clocks":[]}',
    '{"clock":1,"clocks":[[1]]}',
    '{"clock":1,"clocks":[["",["x",1,2]]]}',
  ])
    t.equal(readClocks(text), null, text);
});

t.test(
  'records that come again without those that were refused keep their write times, and a commit before them still repeats all',
  async () => {
    fc.assert(
      fc.property(
        partition,
        fc.nat(40),
        fc.integer({ min: 2, max: 40 }),
        fc.integer({ min: 2, max: 9 }),
        (records, at, size, every) => {
          const expected = new Run().put(structuredClone(records), records.length);
          const run = new Run();
          const from = Math.min(at, records.length - 1);
          run.put(records.slice(0, from), from + 1);
          const end = from + size;
          run.put(records.slice(from, end), size);
          const rest = (until: number) =>
            records.slice(from, until).filter((_record, i) => i >= size || i % every !== 0);
          run.put(rest(end), size + 1);
          run.put(rest(end + size), 2 * size + 1);
          const committed = run.commit(records[from]!.offset);
          run.put(records.slice(end + size), 7);
          const again = new Run(committed).put(structuredClone(records.slice(from)), 5);
          return same(run.timesOf(records), expected) && same(again, expected.slice(from));
        },
      ),
    );
  },
);
