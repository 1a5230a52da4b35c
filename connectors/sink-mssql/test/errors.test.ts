import t from 'tap';
import { classify, LoginError, TABLE_CHANGED } from '../src/errors.ts';

const raised = (number: number, severity = 16): Error =>
  Object.assign(new Error(String(number)), { number, class: severity });
const kinds = (numbers: readonly number[]): readonly string[] => numbers.map((number) => classify(raised(number)).kind);

t.test(
  'conflicts, throttling and fail-over pass; what is wrong with table or session is nothing that a record could mend',
  async (t) => {
    t.same(
      new Set(kinds([1205, 1222, 3960, 13535, 40501, 10928, 10929, 49918, 49919, 49920, TABLE_CHANGED])),
      new Set(['transient']),
    );
    t.same(new Set(kinds([976, 983, 40613, 4060, 10054])), new Set(['down']));
    t.same(new Set(kinds([1934, 4405, 13536, 41368, 208, 229])), new Set(['fatal']));
    t.same(new Set(kinds([2627, 547, 515, 8115, 50_000])), new Set(['data']));
  },
);

t.test('a login that is refused is no fault of a record, whatever the number', async (t) => {
  // The firewall of Azure, and one that nobody has heard of.
  for (const number of [40_615, 47_089, 99_999])
    t.equal(classify(new LoginError('refused', [number], { cause: raised(number, 14) })).kind, 'fatal');
  for (const number of [18_461, 17_809]) t.equal(classify(new LoginError('busy', [number])).kind, 'down');
});
