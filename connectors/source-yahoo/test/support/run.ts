import type { SourceRecord } from '@tributary/api';
import { MemoryOffsets, startSource } from '@tributary/api/testing';
import type { Bar } from '@tributary/market';
import { type Listing, type MarketBar, YahooServer } from '@tributary/source-simulator/serve';
import type { Test } from 'tap';
import type { yahooSourceWith } from '../../src/connector.ts';

export const fast = { 'rate.per.second': '10000', 'retry.backoff.ms': '10', 'retry.backoff.max.ms': '100' };

/** A server that answers as Yahoo does, for as long as the test runs. */
export async function startYahoo(t: Test, listings: readonly Listing[], now: () => number): Promise<YahooServer> {
  const yahoo = await YahooServer.start(listings, now);
  t.teardown(() => yahoo.close());
  return yahoo;
}

export const barOf = (record: SourceRecord): Bar => record.value as Bar;

/** What can be compared with the bars of the market. */
export const comparable = (bar: Bar): MarketBar => ({
  start: bar.start.getTime(),
  end: bar.end!.getTime(),
  open: bar.open!,
  high: bar.high!,
  low: bar.low!,
  close: bar.close!,
  volume: bar.volume!,
});

/** The symbols whose bars are not exactly those of the market, each once and in order. */
export function wrongSymbols(
  records: readonly SourceRecord[],
  listings: readonly Listing[],
  expected: (listing: Listing) => readonly MarketBar[],
): readonly string[] {
  const own = Map.groupBy(
    records.filter((record) => record.topic === 'bars'),
    (record) => record.key as string,
  );
  return listings
    .filter(
      (listing) =>
        JSON.stringify((own.get(listing.symbol) ?? []).map((record) => comparable(barOf(record)))) !==
        JSON.stringify(
          expected(listing).map(({ start, end, open, high, low, close, volume }) => ({
            start,
            end,
            open,
            high,
            low,
            close,
            volume,
          })),
        ),
    )
    .map(({ symbol }) => symbol);
}

/** Numbers by chance, the same ones for a seed. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Runs until it is `over`, killed behind each of these numbers of batches and started again with the offsets that were
 * accepted.
 */
export async function runWithKills(
  source: ReturnType<typeof yahooSourceWith>,
  props: Readonly<Record<string, string>>,
  kills: readonly number[],
  over: (records: readonly SourceRecord[]) => boolean,
  { tasksMax = 1, task = 0, timeoutMs = 60_000 } = {},
): Promise<{ records: SourceRecord[]; offsets: MemoryOffsets }> {
  const records: SourceRecord[] = [];
  const offsets = new MemoryOffsets();
  for (const batches of [...kills, Number.POSITIVE_INFINITY]) {
    const run = await startSource(source, props, { offsets, tasksMax, task, timeoutMs });
    try {
      await run.until(
        (own) => run.batches.length >= batches || over(records.length === 0 ? own : [...records, ...own]),
      );
    } finally {
      await run.stop();
    }
    for (const record of run.records) records.push(record);
    if (over(records)) break;
  }
  return { records, offsets };
}
