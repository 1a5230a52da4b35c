/** A trade, by what of it every feed tells. */
export interface Told {
  readonly symbol: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly price: number;
  readonly size: number;
}

/** A trade of the market, as the simulator accounts for it. */
export interface Dealt extends Told {
  readonly sequence: number;
  /** Whether it was sent when it happened. */
  readonly sent: boolean;
  /** Whether the REST API does not tell it either. */
  readonly lost: boolean;
}

/** A record of the topic. */
export interface Delivered extends Told {
  readonly sequence: number | null;
}

/** A record of the gap topic. Times in milliseconds since 1970. */
export interface GapTold {
  readonly symbol: string;
  readonly from: number | null;
  readonly to: number | null;
  readonly since: number;
  readonly until: number;
  readonly recovered: boolean;
  readonly reason: string;
}

export interface Books {
  /** Whether the feed numbers its trades by one, so that each that is missing can be told. */
  readonly numbered: boolean;
  /** Whether missing trades are fetched over HTTP. */
  readonly recovers: boolean;
  /** So long after it was sent a subscription may count, where the server does not say when it does. Milliseconds. */
  readonly slackMs: number;
  /** Of all that count: from the first that was sent. */
  readonly dealt: readonly Dealt[];
  /** Whether a trade happened before those that count, or is of those. */
  readonly known: (trade: Told) => boolean;
  readonly delivered: readonly Delivered[];
  readonly gaps: readonly GapTold[];
}

export interface Verdict {
  readonly sent: number;
  readonly withheld: number;
  readonly delivered: number;
  readonly gaps: number;
  /** What must not be; empty if all is well. */
  readonly violations: readonly string[];
}

/** So many are named of each kind. */
const EXAMPLES = 5;

const nameOf = ({ symbol, time, price, size }: Told): string => `${symbol} ${time} ${price} ${size}`;

function named(what: string, trades: readonly Told[]): readonly string[] {
  if (trades.length === 0) return [];
  const shown = trades
    .slice(0, EXAMPLES)
    .map((one) => ('sequence' in one && one.sequence ? `${one.symbol} ${one.sequence} (${nameOf(one)})` : nameOf(one)));
  return [`${trades.length} ${what}: ${shown.join(', ')}${trades.length > EXAMPLES ? ', ...' : ''}`];
}

/** Holds what came against what was sent and withheld. */
export function audit(books: Books): Verdict {
  const { dealt, delivered, gaps, known } = books;
  const violations = [
    ...named(
      'records are of no trade',
      delivered.filter((one) => !known(one)),
    ),
    ...(books.numbered ? auditNumbered(books) : auditNamed(books)),
  ];
  const sent = dealt.filter((one) => one.sent).length;
  return { sent, withheld: dealt.length - sent, delivered: delivered.length, gaps: gaps.length, violations };
}

const numberOf = ({ symbol, sequence }: Pick<Delivered, 'symbol' | 'sequence'>): string => `${symbol} ${sequence}`;

function auditNumbered({ dealt, delivered, gaps, recovers }: Books): readonly string[] {
  const there = new Set<string>();
  const twice = delivered.filter((one) => there.size === there.add(numberOf(one)).size);
  const told = new Map<string, { readonly recovered: boolean; readonly late: boolean }>();
  for (const { symbol, from, to, recovered, reason } of gaps)
    for (let sequence = from ?? 1; sequence <= (to ?? 0); sequence++) {
      const before = told.get(numberOf({ symbol, sequence }));
      told.set(numberOf({ symbol, sequence }), {
        recovered: recovered || (before?.recovered ?? false),
        late: reason === 'late' || (before?.late ?? false),
      });
    }
  const isThere = (one: Dealt): boolean => there.has(numberOf(one));
  const isTold = (one: Dealt): boolean => told.has(numberOf(one));
  const missing = dealt.filter((one) => one.sent && !isThere(one));
  return [
    ...named('came twice', twice),
    // Without the REST API, what was on its way to a worker that was killed can only be told.
    ...named('were sent and did not come', recovers ? missing : missing.filter((one) => !isTold(one))),
    ...named(
      'were withheld, and neither came nor were told',
      dealt.filter((one) => !one.sent && !isThere(one) && !isTold(one)),
    ),
    ...named(
      'were withheld, are known to the REST API, and were not fetched',
      recovers ? dealt.filter((one) => !one.sent && !one.lost && !isThere(one)) : [],
    ),
    ...named(
      'were told to be missing, and came',
      dealt.filter((one) => isThere(one) && told.get(numberOf(one))?.recovered === false),
    ),
    ...named(
      'were told to be recovered, and did not come',
      dealt.filter((one) => !isThere(one) && told.get(numberOf(one))?.recovered === true),
    ),
    ...outOfOrder(delivered, told),
  ];
}

/** The trades of a symbol come in the order of their numbers, but for those that were told to be late. */
function outOfOrder(
  delivered: readonly Delivered[],
  told: ReadonlyMap<string, { readonly late: boolean }>,
): readonly string[] {
  const last = new Map<string, number>();
  const wrong = delivered.filter((one) => {
    if (told.get(numberOf(one))?.late) return false;
    const before = last.get(one.symbol) ?? 0;
    last.set(one.symbol, one.sequence!);
    return one.sequence! < before;
  });
  return named('came out of order', wrong);
}

function auditNamed({ dealt, delivered, gaps, slackMs }: Books): readonly string[] {
  const times = new Map<string, number>();
  for (const one of dealt) times.set(nameOf(one), (times.get(nameOf(one)) ?? 0) + 1);
  const there = new Map<string, number>();
  for (const one of delivered) there.set(nameOf(one), (there.get(nameOf(one)) ?? 0) + 1);
  const silences = Map.groupBy(
    gaps.filter(({ reason }) => reason === 'disconnect'),
    ({ symbol }) => symbol,
  );
  const isTold = ({ symbol, time }: Told): boolean =>
    (silences.get(symbol) ?? []).some(({ since, until }) => since <= time && time <= until + slackMs);
  const silent = (what: string, missing: readonly Dealt[]): readonly string[] => {
    const [first] = missing;
    const near = (silences.get(first?.symbol ?? '') ?? [])
      .filter(({ since, until }) => since <= first!.time + 2_000 && until >= first!.time - 2_000)
      .map(({ since, until }) => `${since} to ${until}`);
    return named(what, missing).map((line) => `${line}; told was ${near.join(', ') || 'nothing near'}`);
  };
  return [
    ...named(
      'came too often',
      delivered.filter((one) => there.get(nameOf(one))! > (times.get(nameOf(one)) ?? 1)),
    ),
    ...silent(
      'were sent, did not come, and there was no time without connection',
      dealt.filter((one) => one.sent && !there.has(nameOf(one)) && !isTold(one)),
    ),
    ...silent(
      'were withheld, and there was no time without connection',
      dealt.filter((one) => !one.sent && !there.has(nameOf(one)) && !isTold(one)),
    ),
  ];
}
