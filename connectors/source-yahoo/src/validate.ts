import { access, constants } from 'node:fs/promises';
import { KeptMetrics, messageOf, type Props, type ReportError, systemClock } from '@tributary/api';
import { timeZone } from '@tributary/api/text';
import { checkProxy, connectionOf, HttpClient, HttpFault, isPassing, RateLimit } from '@tributary/http-kit';
import { baseUrlOf, cookieUrlOf, hasYahooLimits, TLS_PREFIX, type YahooConfig } from './config.ts';
import { CrumbKeeper } from './crumb.ts';
import { DAY, intervalOf } from './interval.ts';
import { startTime } from './start-time.ts';
import { YahooClient, yahooErrorOf } from './yahoo-client.ts';

/** A check waits no longer for Yahoo. Milliseconds. */
const PATIENCE = 5000;
/** So many listed symbols are asked for: one request. */
const MOST = 100;
const ATTEMPTS = 4;

/** Checks across keys, the file of symbols, and whether Yahoo answers and knows the symbols. */
export async function validate(
  config: YahooConfig,
  report: ReportError,
  signal: AbortSignal,
  props: Readonly<Props>,
  now: number,
): Promise<void> {
  checkProxy(config, report);
  checkHistory(config, report, now);
  const file = config['symbols.file'];
  if (config.symbols.length === 0 && file === null && config['symbols.screener'] === null)
    report('symbols', "There are no symbols: name some in 'symbols', or set 'symbols.file' or 'symbols.screener'");
  if (file !== null) {
    await access(file, constants.R_OK).catch((error: unknown) =>
      report('symbols.file', `The file '${file}' cannot be read: ${messageOf(error)}. Every worker needs it`),
    );
  }
  await checkYahoo(config, report, signal, props);
}

function checkHistory(config: YahooConfig, report: ReportError, now: number): void {
  if (config.mode === 'quotes') return;
  const utc = timeZone('UTC');
  const { 'history.from': from, 'history.to': to } = config;
  const start = from === null ? null : startTime(from, now, utc);
  if (start !== null && start > now + DAY) report('history.from', `${from} is in the future`);
  if (start !== null && to !== null && startTime(to, now, utc) <= start)
    report('history.to', `Invalid value ${to} for configuration history.to: It must be later than history.from`);
  if (!hasYahooLimits(config)) return;
  for (const name of config['bars.interval']) {
    const { reach } = intervalOf(name);
    if (start === null || reach === null || start >= now - reach) continue;
    const earliest = new Date(now - reach + DAY).toISOString().slice(0, 10);
    report(
      'history.from',
      `Invalid value ${from} for configuration history.from: Yahoo gives ${name} bars of the last ${reach / DAY} days only. ` +
        `Begin at ${earliest} or later, set it to '${reach / DAY}d', or choose longer bars in 'bars.interval'`,
    );
  }
}

async function checkYahoo(config: YahooConfig, report: ReportError, signal: AbortSignal, props: Props): Promise<void> {
  const over = new AbortController();
  const stop = (): void => over.abort();
  const timer = setTimeout(stop, PATIENCE);
  signal.addEventListener('abort', stop, { once: true });
  const connection = connectionOf(config, props, TLS_PREFIX);
  const http = new HttpClient({ ...connection, timeoutMs: Math.min(PATIENCE, connection.timeoutMs) });
  try {
    const client = new YahooClient({
      http,
      rate: new RateLimit({ perSecond: config['rate.per.second'], burst: 10, clock: systemClock }),
      crumbs: new CrumbKeeper(),
      baseUrl: baseUrlOf(config),
      cookieUrl: cookieUrlOf(config),
      consent: config['yahoo.consent'],
      userAgent: config['yahoo.user.agent'],
      extended: false,
      backoffMs: config['retry.backoff.ms'],
      metrics: new KeptMetrics(),
    });
    for (const [key, message] of await patiently(() => askYahoo(config, client, over.signal))) report(key, message);
  } catch (error) {
    if (error instanceof HttpFault && error.status === 429) return; // it is there, and has had enough of us
    const reason = over.signal.aborted ? `there was no answer within ${PATIENCE} ms` : messageOf(error);
    report('yahoo.base.url', `Yahoo cannot be asked: ${reason}. Check the URL, and 'proxy.url' if there is a proxy`);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    await http.destroy();
  }
}

/** One answer in fifty may fail, and the next be good. @throws what is thrown each time */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      const passing = error instanceof HttpFault && isPassing(error) && error.status !== 429;
      if (!passing || error.reason === 'network' || attempt === ATTEMPTS) throw error;
    }
  }
}

/** What is wrong, by key. @throws HttpFault if Yahoo does not say */
async function askYahoo(
  config: YahooConfig,
  client: YahooClient,
  signal: AbortSignal,
): Promise<ReadonlyArray<readonly [key: string, message: string]>> {
  const { 'symbols.screener': screener, symbols } = config;
  const wrong: Array<readonly [string, string]> = [];
  if (screener !== null) {
    try {
      await client.screener(screener, 0, 1, signal);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      wrong.push(['symbols.screener', `Yahoo refuses the screener '${screener}': ${reasonOf(error)}`]);
    }
  }
  // A symbol that is none does not stop the others; if no symbol is one, nothing would ever come.
  const asked = symbols.slice(0, MOST);
  const reason = asked.length === 0 ? null : await unknownReason(config, client, asked, signal);
  if (reason !== null)
    wrong.push(['symbols', `Yahoo knows none of ${asked.map((symbol) => `'${symbol}'`).join(', ')}: ${reason}`]);
  return wrong;
}

/** Why Yahoo knows none of the symbols; null if it knows one, or it would take many requests to tell. */
async function unknownReason(
  config: YahooConfig,
  client: YahooClient,
  asked: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  if (config.mode !== 'bars') {
    const quotes = await client.quotes(asked, signal);
    return quotes.length === 0 ? 'its answer has no quotes' : null;
  }
  try {
    await client.hours(asked[0]!, signal);
    return null;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return asked.length === 1 ? reasonOf(error) : null;
  }
}

const isRefusal = (error: unknown): error is HttpFault =>
  error instanceof HttpFault && error.reason === 'status' && !isPassing(error) && ![401, 403].includes(error.status!);

const reasonOf = (fault: HttpFault): string => yahooErrorOf(fault)?.description ?? fault.message;
