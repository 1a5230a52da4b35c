import { isPlainObject, type PluginMetrics } from '@tributary/api';
import { type HttpClient, HttpFault, type HttpResponse, type RateLimit } from '@tributary/http-kit';
import { type Chart, parseChart } from './chart.ts';
import { type Crumb, type CrumbKeeper, fetchCrumb } from './crumb.ts';
import { parseQuotes, QUOTE_FIELDS, type Quote } from './quote.ts';
import { parseScreener, type ScreenerPage } from './screener.ts';

export interface YahooClientOptions {
  readonly http: HttpClient;
  readonly rate: RateLimit;
  readonly crumbs: CrumbKeeper;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly cookieUrl: URL;
  readonly userAgent: string;
  readonly extended: boolean;
  readonly backoffMs: number;
  readonly metrics: PluginMetrics;
}

export interface ChartQuery {
  readonly interval: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  /** Milliseconds since 1970. */
  readonly to: number;
}

/** Yahoo's endpoints, within the rate limit, with a new crumb when the old one is refused. */
export class YahooClient {
  readonly #options: YahooClientOptions;
  /** Charts need no crumb, as long as Yahoo does not ask for one. */
  #chartsNeedCrumb = false;

  constructor(options: YahooClientOptions) {
    this.#options = options;
  }

  /** @throws HttpFault */
  async chart(symbol: string, { interval, from, to }: ChartQuery, signal: AbortSignal): Promise<Chart> {
    const seconds = (millis: number): string => String(Math.floor(millis / 1000));
    const query = {
      period1: seconds(from),
      period2: seconds(Math.ceil(to / 1000) * 1000),
      interval,
      includePrePost: String(this.#options.extended),
      events: 'div,splits',
    };
    const path = `/v8/finance/chart/${encodeURIComponent(symbol)}`;
    return parseChart(await this.#get(path, query, this.#chartsNeedCrumb, signal));
  }

  /** The chart of today alone, for the hours of trading. @throws HttpFault */
  async hours(symbol: string, signal: AbortSignal): Promise<Chart> {
    const path = `/v8/finance/chart/${encodeURIComponent(symbol)}`;
    const query = { range: '1d', interval: '1d', includePrePost: String(this.#options.extended) };
    return parseChart(await this.#get(path, query, this.#chartsNeedCrumb, signal));
  }

  /** Symbols that Yahoo does not know are missing. @throws HttpFault */
  async quotes(symbols: readonly string[], signal: AbortSignal): Promise<readonly Quote[]> {
    const query = { symbols: symbols.join(','), fields: QUOTE_FIELDS.join(','), formatted: 'false' };
    return parseQuotes(await this.#get('/v7/finance/quote', query, true, signal), this.#options.extended);
  }

  /** @throws HttpFault */
  async screener(name: string, start: number, count: number, signal: AbortSignal): Promise<ScreenerPage> {
    const query = { scrIds: name, start: String(start), count: String(count), formatted: 'false' };
    return parseScreener(await this.#get('/v1/finance/screener/predefined/saved', query, true, signal));
  }

  async #get(
    path: string,
    query: Readonly<Record<string, string>>,
    crumbed: boolean,
    signal: AbortSignal,
  ): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const crumb = crumbed || attempt > 1 ? await this.#crumb(signal) : null;
      const url = new URL(this.#options.baseUrl + path);
      for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
      if (crumb?.crumb) url.searchParams.set('crumb', crumb.crumb);
      try {
        return jsonOf(await this.#send(url, crumb?.cookie ? { cookie: crumb.cookie } : {}, undefined, signal));
      } catch (error) {
        if (!(error instanceof HttpFault) || !isCrumbRefused(error) || attempt > 1) throw error;
        if (crumb) this.#options.crumbs.refused(crumb);
        else this.#chartsNeedCrumb = true;
      }
    }
  }

  async #crumb(signal: AbortSignal): Promise<Crumb> {
    const { crumbs, cookieUrl, baseUrl } = this.#options;
    for (;;) {
      try {
        return await crumbs.get(() =>
          fetchCrumb(cookieUrl, baseUrl, (url, headers, accept) => this.#send(url, headers, accept, signal)),
        );
      } catch (error) {
        signal.throwIfAborted();
        // Another task asked for it, and was stopped meanwhile.
        if (error instanceof HttpFault) throw error;
      }
    }
  }

  async #send(
    url: URL,
    headers: Readonly<Record<string, string>>,
    accept: ((status: number) => boolean) | undefined,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const { http, rate, userAgent, backoffMs, metrics } = this.#options;
    const ticket = await rate.take(signal);
    try {
      const response = await http.send(
        {
          url,
          headers: { 'user-agent': userAgent, accept: 'application/json,text/plain,*/*', ...headers },
          ...(accept && { accept }),
        },
        signal,
      );
      rate.passed();
      return response;
    } catch (error) {
      if (error instanceof HttpFault && error.status === 429) {
        rate.throttled(ticket, error.retryAfterMs ?? backoffMs);
        metrics.counter('requests-throttled-total', 'Requests that were refused because there were too many.').add();
      }
      throw error;
    } finally {
      metrics.gauge('rate-limit-per-second', 'Requests a second that are allowed now.').set(rate.perSecond);
    }
  }
}

/** Yahoo says 401; and `Invalid Crumb` with other statuses at times. */
const isCrumbRefused = ({ status, body }: HttpFault): boolean => status === 401 || /invalid (crumb|cookie)/i.test(body);

function jsonOf({ text }: HttpResponse): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HttpFault("Yahoo's answer is no JSON, or was cut off", { reason: 'malformed', cause });
  }
}

/** The error that Yahoo explains in the body of a failure. */
export interface YahooError {
  readonly code: string;
  readonly description: string;
}

/** What Yahoo says of a request that it refused; null if it says nothing. */
export function yahooErrorOf(fault: HttpFault): YahooError | null {
  let answer: unknown;
  try {
    answer = JSON.parse(fault.body);
  } catch {
    return null;
  }
  if (!isPlainObject(answer)) return null;
  for (const part of Object.values(answer as Record<string, unknown>)) {
    const error = isPlainObject(part) ? (part as { error?: unknown }).error : null;
    if (!isPlainObject(error)) continue;
    const { code, description } = error as Record<string, unknown>;
    if (typeof description === 'string') return { code: String(code), description };
  }
  return null;
}
