import type { SourceRecord } from '@tributary/api';
import { type TimeZone, timeZone } from '@tributary/api/text';
import { bar, barRecord, dividendRecord, splitRecord } from '@tributary/market';
import { nextWindow, presentStart, WEST, type Window } from './bar-window.ts';
import { barsOf, type YahooBar } from './bars.ts';
import type { Chart, ChartMeta } from './chart.ts';
import { hasYahooLimits } from './config.ts';
import { Failures } from './failure.ts';
import type { Feed } from './feed.ts';
import { DAY, type Interval } from './interval.ts';
import { unitSpan } from './local-time.ts';
import { barOffset, barPartition, eventOffset, eventPartition } from './offsets.ts';
import type { Job } from './scheduler.ts';
import { nextPoll, type Session, sessionOf } from './session.ts';
import { startTime } from './start-time.ts';

/** Where a symbol's bars and events go on. Milliseconds since 1970; null: nothing was read yet. */
export interface BarPosition {
  readonly end: number | null;
  readonly dividend: number | null;
  readonly split: number | null;
}

/** So much of the past is looked at for events that Yahoo learned of late, */
const EVENTS_BACK = 5 * DAY;
/** that often, once the present is reached. Milliseconds. */
const EVENTS_EVERY = DAY;
/** A step back from where Yahoo's reach ends. Milliseconds. */
const INSIDE = 3_600_000;

const UTC = timeZone('UTC');

/** The bars of one length of one symbol, from where they were left into the present, and with them its events. */
export class BarJob implements Job {
  readonly symbol: string;
  due: number;
  done = false;
  readonly #feed: Feed;
  readonly #interval: Interval;
  /** How far back there are bars; null if only the server knows. Milliseconds. */
  readonly #reach: number | null;
  /** Whether this job, of all those of the symbol, sends its events. */
  readonly #events: boolean;
  readonly #position: BarPosition;
  readonly #created: number;
  readonly #failures: Failures;
  readonly #what: string;
  /** The next bar begins here or later. Null until the zone of the exchange is known. */
  #from: number | null;
  /** What to ask for next begins here. */
  #ask: number;
  #zone: TimeZone | null = null;
  #session: Session | null = null;
  #eventsAsked = Number.NEGATIVE_INFINITY;
  #lastEvent: { dividend: number; split: number } | null = null;
  /** The unfinished bar as it was sent last. */
  #unfinished = '';

  constructor(feed: Feed, symbol: string, interval: Interval, events: boolean, position: BarPosition) {
    const now = feed.clock.now();
    this.#feed = feed;
    this.symbol = symbol;
    this.#interval = interval;
    this.#reach = hasYahooLimits(feed.config) ? interval.reach : null;
    this.#events = events;
    this.#position = position;
    this.#created = now;
    this.#failures = new Failures(feed);
    this.#what = `${interval.name} bars`;
    this.#from = position.end;
    this.#ask = position.end ?? this.#begin(UTC) - WEST;
    this.due = now;
  }

  async run(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const { client, clock, trouble } = this.#feed;
    const now = clock.now();
    const window = nextWindow(this.#ask, { ...this.#interval, reach: this.#reach }, now, this.#zone);
    const lookBack = this.#events && window.live && now - this.#eventsAsked >= EVENTS_EVERY;
    const earliest = lookBack ? Math.min(window.start, now - EVENTS_BACK) : window.start;
    let chart: Chart;
    try {
      const from = await this.#aligned(earliest, signal);
      chart = await client.chart(this.symbol, { interval: this.#interval.name, from, to: window.end }, signal);
    } catch (error) {
      this.#failed(error, window);
      return [];
    }
    this.#failures.passed();
    trouble.symbolWell(this.symbol, this.#what);
    if (lookBack) this.#eventsAsked = now;
    return this.#take(chart, window, now);
  }

  /** Yahoo's weeks begin on the day of the week that is asked for, so it must be Monday by the clocks of the exchange. */
  async #aligned(from: number, signal: AbortSignal): Promise<number> {
    const { unit } = this.#interval;
    if (unit !== 'week' && unit !== 'month') return from;
    this.#zone ??= (await this.#feed.client.hours(this.symbol, signal)).meta.zone;
    return unitSpan(from, unit, this.#zone).start;
  }

  /** Where bars begin if none were read. */
  #begin(zone: TimeZone): number {
    const from = this.#feed.config['history.from'];
    return from === null ? presentStart(this.#created, this.#interval, zone) : startTime(from, this.#created, zone);
  }

  /** Where bars end. */
  #limit(zone: TimeZone): number {
    const to = this.#feed.config['history.to'];
    return to === null ? Number.POSITIVE_INFINITY : startTime(to, this.#created, zone);
  }

  #take(chart: Chart, window: Window, now: number): readonly SourceRecord[] {
    const { config } = this.#feed;
    const { meta } = chart;
    this.#zone = meta.zone;
    this.#session = sessionOf(meta, config['pre.post.market'] && this.#interval.unit === 'intraday');
    this.#from ??= this.#begin(meta.zone);
    if (window.clipped) this.#clip(window);
    const until = Math.min(this.#limit(meta.zone), window.end);
    const options = {
      interval: this.#interval,
      extended: config['pre.post.market'],
      now,
      settleMs: config['bars.settle.ms'],
    };
    const bars = barsOf(chart, options).filter(({ start }) => start >= this.#from! && start < until);
    const events = this.#eventRecords(chart, until);
    const records: SourceRecord[] = [];
    let open: YahooBar | null = null;
    for (const one of bars) {
      if (one.start < this.#from) continue;
      if (!one.final) {
        open = one;
        break;
      }
      // Before the bar that they are in: whoever goes on behind the bar has had them.
      while (events[0] && events[0].timestamp! < one.end) records.push(events.shift()!);
      records.push(this.#barRecord(one, meta));
      this.#from = one.end;
    }
    records.push(...events);
    if (open && config['bars.unfinished']) records.push(...this.#unfinishedRecord(open, meta));
    this.#goOn(window, open, meta.zone, now);
    return records;
  }

  /** Decides what to ask for next, and when. */
  #goOn(window: Window, open: YahooBar | null, zone: TimeZone, now: number): void {
    const { config, clock } = this.#feed;
    const limit = this.#limit(zone);
    const settleMs = config['bars.settle.ms'];
    const from = this.#from ?? window.start;
    if (!open && window.end >= limit && now >= limit + settleMs) {
      this.done = true;
      return;
    }
    if (!window.live) {
      this.#ask = open?.start ?? Math.max(window.end, from);
      this.due = clock.now();
      return;
    }
    this.#ask = Math.max(window.start, from);
    this.due = nextPoll(config['poll.closed.markets'] ? null : this.#session, zone, {
      interval: this.#interval,
      now: clock.now(),
      // Long bars are asked for again only while one that is over is not whole.
      from: this.#interval.unit === 'intraday' ? from : (open?.start ?? now),
      delayMs: config['bars.delay.ms'],
      settleMs,
      unfinishedMs: config['bars.unfinished'] ? config['bars.unfinished.interval.ms'] : null,
    });
    if (limit < Number.POSITIVE_INFINITY && now >= limit) this.due = Math.min(this.due, limit + settleMs);
  }

  #barRecord({ row, start, end, final }: YahooBar, { currency, exchange }: ChartMeta): SourceRecord {
    const { open, high, low, close, volume, adjustedClose } = row;
    const value = bar({
      symbol: this.symbol,
      interval: this.#interval.name,
      start: new Date(start),
      open,
      high,
      low,
      close,
      volume,
      exchange,
      currency,
      end: new Date(end),
      final,
      adjusted_close: adjustedClose,
    });
    return {
      ...barRecord(this.#feed.topics.bars, value),
      sourcePartition: barPartition(this.symbol, this.#interval.name),
      sourceOffset: barOffset(final ? end : start),
    };
  }

  #unfinishedRecord(open: YahooBar, meta: ChartMeta): readonly SourceRecord[] {
    const now = JSON.stringify(open);
    if (now === this.#unfinished) return [];
    this.#unfinished = now;
    return [this.#barRecord(open, meta)];
  }

  #eventRecords({ meta: { zone, currency, exchange }, dividends, splits }: Chart, until: number): SourceRecord[] {
    if (!this.#events) return [];
    const { config, topics } = this.#feed;
    const { symbol } = this;
    const begin = config['history.from'] === null ? this.#from! : this.#begin(zone);
    this.#lastEvent ??= { dividend: this.#position.dividend ?? begin - 1, split: this.#position.split ?? begin - 1 };
    const last = this.#lastEvent;
    const fresh = <E extends { readonly time: number }>(
      kind: 'dividend' | 'split',
      events: readonly E[],
    ): readonly E[] => {
      if (!config.events.includes(`${kind}s`)) return [];
      const news = events.filter(({ time }) => time > last[kind] && time < until).sort((a, b) => a.time - b.time);
      last[kind] = news.at(-1)?.time ?? last[kind];
      return news;
    };
    const place = (
      kind: 'dividend' | 'split',
      time: number,
    ): Pick<SourceRecord, 'sourcePartition' | 'sourceOffset'> => ({
      sourcePartition: eventPartition(symbol, kind),
      sourceOffset: eventOffset(time),
    });
    const records = [
      ...fresh('dividend', dividends).map(({ time, amount, currency: own }) => ({
        ...dividendRecord(topics.dividends, {
          symbol,
          time: new Date(time),
          amount,
          currency: own ?? currency,
          exchange,
        }),
        ...place('dividend', time),
      })),
      ...fresh('split', splits).map(({ time, numerator, denominator }) => ({
        ...splitRecord(topics.splits, { symbol, time: new Date(time), numerator, denominator, exchange }),
        ...place('split', time),
      })),
    ];
    return records.sort((a, b) => a.timestamp! - b.timestamp!);
  }

  /** Bars that are out of Yahoo's reach are passed over, and it is said which. */
  #clip({ start }: Pick<Window, 'start'>): void {
    const { metrics, log } = this.#feed;
    this.#from ??= this.#begin(this.#zone ?? UTC);
    if (this.#from < start - INSIDE) {
      metrics
        .counter('bars-out-of-reach-total', 'How often bars were missed since Yahoo does not go back so far.')
        .add();
      const [from, to] = [new Date(this.#from).toISOString(), new Date(start).toISOString()];
      log.warn(
        `The ${this.#what} of '${this.symbol}' from ${from} to ${to} cannot be had: Yahoo gives those of the last ` +
          `${this.#interval.reach! / DAY} days only`,
      );
    }
    this.#from = Math.max(this.#from, start);
  }

  #failed(error: unknown, window: Window): void {
    const { clock, config, trouble } = this.#feed;
    const failure = this.#failures.classify(error);
    const now = clock.now();
    switch (failure.kind) {
      case 'passing':
        if (failure.repeated) trouble.symbolFailed(this.symbol, this.#what, failure.reason);
        this.due = failure.due;
        return;
      case 'nothing':
        this.#failures.passed();
        this.#goOn(window, null, this.#zone ?? UTC, now);
        return;
      case 'out-of-reach': {
        const earliest = now - (this.#interval.reach ?? 0) + INSIDE;
        if (window.start < earliest && this.#interval.reach !== null) {
          this.#ask = earliest;
          this.#clip({ start: earliest });
          this.due = now;
          return;
        }
        break;
      }
    }
    trouble.symbolFailed(this.symbol, this.#what, 'reason' in failure ? failure.reason : '');
    this.due = now + config['symbols.retry.ms'];
  }
}
