import t from 'tap';
import { type Asked, FetchSlots } from '../../../src/broker/kafka/fetch-slots.ts';
import { PartitionFetch } from '../../../src/broker/kafka/partition-fetch.ts';

const WAITS = { maxWaitMs: 500, idleWaitMs: 5_000 };

function asked(state = new PartitionFetch('a', 0, 0)): Asked {
  return { state, version: state.version, offset: state.fetchOffset };
}

t.test('the wait grows while nothing comes, and is short again once something did', (t) => {
  const slot = new FetchSlots(WAITS).free(1)!;
  const wait = (records: boolean): number => {
    const waitMs = slot.begin([asked()]);
    slot.answered(records);
    slot.end();
    return waitMs;
  };
  t.strictSame(
    [false, false, false, false, false, true, false].map(wait),
    [500, 1_000, 2_000, 4_000, 5_000, 5_000, 500],
  );
  t.end();
});

t.test('two requests may be under way to a broker, the second one for a short time', (t) => {
  const slots = new FetchSlots(WAITS);
  t.equal(slots.free(1)!.begin([asked()]), 500);
  const second = slots.free(1)!;
  t.equal(second.begin([asked()]), 10);
  t.equal(slots.free(1), undefined);
  t.ok(slots.free(2), 'each broker has its own');
  t.end();
});

t.test('a request for partitions that are read no longer makes no other one short', (t) => {
  const slots = new FetchSlots(WAITS);
  const partition = new PartitionFetch('a', 0, 0);
  slots.free(1)!.begin([asked(partition)]);
  partition.discard();
  t.equal(slots.free(1)!.begin([asked()]), 500);
  t.end();
});
