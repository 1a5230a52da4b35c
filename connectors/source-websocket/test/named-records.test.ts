import type { SourceOffset } from '@tributary/api';
import t from 'tap';
import type { Item } from '../src/feed.ts';
import { NamedRecords } from '../src/named-records.ts';

const item = (id: string, time: number): Item => ({ symbol: 'A', key: 'A', value: null, time, sequence: null, id });

/** Takes items. @returns the ids that were delivered, and the offset behind them */
function take(items: readonly Item[], stored: SourceOffset | null = null) {
  const delivered: (string | null)[] = [];
  const records = new NamedRecords(1000, stored);
  for (const one of items)
    records.accept(one, 0, { record: ({ id }) => delivered.push(id), gap: () => {}, duplicate: () => {} });
  return { delivered, offset: records.offset() };
}

t.test('trades of one moment that come again after a restart are known, however many they were', async (t) => {
  const before = Array.from({ length: 30 }, (_, i) => item(`before ${i}`, 1_000 + i));
  const burst = Array.from({ length: 100 }, (_, i) => item(`burst ${i}`, 2_000));
  const { offset } = take([...before, ...burst]);
  const again = take([...before, ...burst, item('new', 2_000)], offset);
  t.strictSame(again.delivered, ['new']);
});

t.test('the offset stays short: of what came later it has sixteen', async (t) => {
  const burst = Array.from({ length: 1_000 }, (_, i) => item(`${i}`, 2_000));
  const ids = (offset: SourceOffset | null): number => String(offset!.ids).split('\n').length;
  t.equal(ids(take(burst).offset), 256);
  const later = Array.from({ length: 16 }, (_, i) => item(`later ${i}`, 3_000 + i));
  t.equal(ids(take([...burst, ...later]).offset), 16);
  t.strictSame(
    take([...burst, ...later], take([...burst, ...later]).offset).delivered,
    [],
    'older ones are taken for delivered',
  );
});
