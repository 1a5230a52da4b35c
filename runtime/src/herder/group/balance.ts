import { compareItems, compareText, type Item } from './items.ts';

/** What one member has of one kind, connectors or tasks. */
export interface Holding {
  /** What it runs: to take it away costs a stop and a start. */
  readonly running: readonly Item[];
  /** What it had and does not run: it has come back for it. */
  readonly promised: readonly Item[];
  /** How much it has of the other kind. */
  readonly others: number;
}

/** What changes for one member. */
export interface Change {
  readonly given: readonly Item[];
  readonly revoked: readonly Item[];
}

/**
 * Shares out items of one kind among members, in the order of `holdings`. With `mayRevoke` the counts differ by at most one once that
 * which is revoked here has been given away in a further call, and as little as possible is revoked; without, what is free evens
 * the counts out as far as it goes.
 */
export function balance(holdings: readonly Holding[], free: readonly Item[], mayRevoke: boolean): Change[] {
  const taken = mayRevoke ? excess(holdings, free) : holdings.map(() => NOTHING);
  const bins = holdings.map(({ running, promised, others }, index): Bin => {
    const { freed, revoked } = taken[index]!;
    const given = without(promised, freed);
    const has = [...without(running, revoked), ...given];
    return { index, given, revoked, others, load: has.length, ofConnector: countByConnector(has) };
  });
  const toGive = Map.groupBy(
    [...free, ...taken.flatMap(({ freed }) => freed)].sort(compareItems),
    ({ connector }) => connector,
  );
  // Members that have as much of everything take turns, each connector beginning with another: else one would have all first tasks.
  [...toGive].forEach(([connector, items], first) => {
    const ofConnector = (bin: Bin): number => bin.ofConnector.get(connector) ?? 0;
    const turn = (bin: Bin): number => (bin.index - (first % bins.length) + bins.length) % bins.length;
    const before = (a: Bin, b: Bin): number =>
      a.load - b.load || ofConnector(a) - ofConnector(b) || a.others - b.others || turn(a) - turn(b);
    for (const item of items) {
      const bin = bins.reduce((best, next) => (before(next, best) < 0 ? next : best));
      bin.ofConnector.set(connector, ofConnector(bin) + 1);
      bin.load++;
      bin.given.push(item);
    }
  });
  return bins.map(({ given, revoked }) => ({ given, revoked }));
}

/** A member as it fills. */
interface Bin {
  readonly index: number;
  readonly given: Item[];
  readonly revoked: readonly Item[];
  readonly others: number;
  readonly ofConnector: Map<string, number>;
  load: number;
}

interface Taken {
  /** Promised to the member, but free for others. */
  readonly freed: readonly Item[];
  readonly revoked: readonly Item[];
}

const NOTHING: Taken = { freed: [], revoked: [] };

/** What members have beyond an even share. Where shares are uneven by one, the larger go to those who lose by the smaller. */
function excess(holdings: readonly Holding[], free: readonly Item[]): Taken[] {
  const members = holdings.length;
  const all = [...holdings.flatMap(({ running, promised }) => [...running, ...promised]), ...free];
  const ofConnector = countByConnector(all);
  const even = Math.floor(all.length / members);
  const counts = holdings.map(({ running, promised }) => running.length + promised.length);
  const loss = (index: number): number => (holdings[index]!.running.length > even ? 2 : counts[index]! > even ? 1 : 0);
  const larger = new Set(
    holdings
      .map((_, index) => index)
      .sort((a, b) => loss(b) - loss(a) || a - b)
      .slice(0, all.length % members),
  );
  return holdings.map(({ running, promised }, index) => {
    const surplus = counts[index]! - even - (larger.has(index) ? 1 : 0);
    if (surplus <= 0) return NOTHING;
    const choice: Choice = { evenOf: (connector) => ofConnector.get(connector)! / members, start: index / members };
    const freed = most(promised, surplus, choice);
    return { freed, revoked: most(running, surplus - freed.length, choice) };
  });
}

interface Choice {
  /** How many tasks of a connector each member would have if they were spread evenly. */
  evenOf(connector: string): number;
  /** Where to begin in the list of connectors, from 0 to below 1. */
  readonly start: number;
}

/**
 * So many of the items, each time of the connector of which there are most beyond the even number. Where that is no choice, each
 * member begins at another connector: otherwise all would give up tasks of the same few, which would come together at the member
 * that gets them.
 */
function most(items: readonly Item[], count: number, { evenOf, start }: Choice): Item[] {
  if (count <= 0) return [];
  const byConnector = [...Map.groupBy(items, ({ connector }) => connector)].sort(([a], [b]) => compareText(a, b));
  const first = Math.floor(byConnector.length * start);
  const ranked = [...byConnector.slice(first), ...byConnector.slice(0, first)].flatMap(([connector, list], rank) =>
    list.sort(compareItems).map((item, before) => ({ item, beyond: before + 1 - evenOf(connector), rank })),
  );
  return ranked
    .sort((a, b) => b.beyond - a.beyond || a.rank - b.rank)
    .slice(0, count)
    .map(({ item }) => item);
}

function without(items: readonly Item[], gone: readonly Item[]): Item[] {
  const keys = new Set(gone.map(({ key }) => key));
  return items.filter(({ key }) => !keys.has(key));
}

function countByConnector(items: readonly Item[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { connector } of items) counts.set(connector, (counts.get(connector) ?? 0) + 1);
  return counts;
}
