import { type Clock, defineSource, type SourceContext, type SourceRecord, systemClock } from '@tributary/api';
import { connectionOf, HttpClient, RateLimit, Share } from '@tributary/http-kit';
import { Board } from './board.ts';
import { baseUrlOf, configDef, cookieUrlOf, TLS_PREFIX, topicsOf, type YahooConfig } from './config.ts';
import { CrumbKeeper } from './crumb.ts';
import type { Feed } from './feed.ts';
import { alterOffsets } from './offsets.ts';
import { Scheduler } from './scheduler.ts';
import { divide, partOf } from './symbols.ts';
import { FileSymbolsJob, ScreenerSymbolsJob } from './symbols-job.ts';
import { Trouble } from './trouble.ts';
import { validate } from './validate.ts';
import { YahooClient } from './yahoo-client.ts';

/** The records of a batch, at most. */
const BATCH = 1000;
/** So many requests may go at once after a pause. */
const BURST = 5;

/** The source with a clock of its own, for tests. */
export const yahooSourceWith = (clock: Clock) =>
  defineSource({
    class: 'tributary.yahoo.YahooSource',
    aliases: ['YahooSource', 'YahooFinanceSource'],
    version: '0.1.0',
    doc:
      'Quotes and bars of Yahoo Finance, with dividends and splits: history from a date on, then the present, without a gap or a double. ' +
      'Quotes have the common tick, so that what comes after is the same for every feed.',
    config: configDef,
    validate: (config, report, signal, props) => validate(config, report, signal, props, clock.now()),
    taskConfigs: (config, maxTasks) => divide(config, maxTasks),
    run: (config, context) => run(config, context, clock),
    alterOffsets: (_config, offsets) => alterOffsets(offsets),
    exactlyOnceSupport: () => 'supported',
  });

/** Quotes and bars of Yahoo Finance. */
export const yahooSource = yahooSourceWith(systemClock);

/** What the tasks of a connector share within a process. */
interface Shared {
  readonly rate: RateLimit;
  readonly crumbs: CrumbKeeper;
}

async function* run(
  config: YahooConfig,
  context: SourceContext,
  clock: Clock,
): AsyncGenerator<readonly SourceRecord[], void, void> {
  const { connector, props, metrics, log, offsets } = context;
  const part = partOf(props);
  const end = new AbortController();
  const stop = (): void => end.abort(context.signal.reason);
  if (context.signal.aborted) return;
  context.signal.addEventListener('abort', stop, { once: true });
  const shared = new Share<Shared>(
    `yahoo/${connector}`,
    () => ({
      rate: new RateLimit({ perSecond: config['rate.per.second'], burst: BURST, clock }),
      crumbs: new CrumbKeeper(),
    }),
    ({ rate }, users) => rate.setShare(Math.min(1, users / part.tasks)),
  );
  const http = new HttpClient({ ...connectionOf(config, props, TLS_PREFIX), metrics });
  try {
    const client = new YahooClient({
      http,
      ...shared.value,
      baseUrl: baseUrlOf(config),
      cookieUrl: cookieUrlOf(config),
      consent: config['yahoo.consent'],
      userAgent: config['yahoo.user.agent'],
      extended: config['pre.post.market'],
      backoffMs: config['retry.backoff.ms'],
      metrics,
    });
    const trouble = new Trouble(log, metrics, clock);
    const feed: Feed = { config, topics: topicsOf(config), client, clock, offsets, trouble, log, metrics };
    const scheduler = new Scheduler(clock, config['requests.in.flight'], end.signal);
    const board = new Board(feed, scheduler, part);
    await board.set('list', config.symbols);
    const { 'symbols.file': file, 'symbols.screener': screener } = config;
    if (file !== null) scheduler.add(new FileSymbolsJob(feed, file, (symbols) => board.set('file', symbols)));
    if (screener !== null)
      scheduler.add(new ScreenerSymbolsJob(feed, screener, (symbols) => board.set('screener', symbols)));
    for (let records = await scheduler.next(); records !== null; records = await scheduler.next())
      for (let from = 0; from < records.length; from += BATCH) yield records.slice(from, from + BATCH);
  } catch (error) {
    if (!context.signal.aborted) throw error;
  } finally {
    end.abort();
    context.signal.removeEventListener('abort', stop);
    shared.release();
    await http.destroy();
  }
}
