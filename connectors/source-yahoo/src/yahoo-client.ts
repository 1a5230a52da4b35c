import { isPlainObject, type PluginMetrics } from '@tributary/api';
import { type HttpClient, HttpFault, type HttpRequest, type HttpResponse, type RateLimit } from '@tributary/http-kit';
import { type Chart, parseChart } from './chart.ts';
import { type Consent, isSameSite } from './consent.ts';
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
  readonly consent: Consent;
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
  /** Where cookies come from: the URL that sends those away who come without, if there is one. */
  #cookieUrl: URL;

  constructor(options: YahooClientOptions) {
    this.#options = options;
    this.#cookieUrl = options.cookieUrl;
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
    const quotes = parseQuotes(await this.#get('/v7/finance/quote', query, true, signal), this.#options.extended);
    // Yahoo answers `aapl` with AAPL.
    const asked = new Map(symbols.map((symbol) => [symbol.toUpperCase(), symbol]));
    return quotes.map((quote) => ({ ...quote, symbol: asked.get(quote.symbol.toUpperCase()) ?? quote.symbol }));
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
        const headers: Record<string, string> = crumb?.cookie ? { cookie: crumb.cookie } : {};
        return jsonOf(await this.#send({ url, headers, follow: false }, signal));
      } catch (error) {
        if (!(error instanceof HttpFault) || attempt > 1) throw error;
        const sentAway = error.location !== null && isSameSite(error.location, url);
        if (!sentAway && !isCrumbRefused(error)) throw error;
        this.#cookieUrl = sentAway ? url : this.#options.cookieUrl;
        if (crumb) this.#options.crumbs.refused(crumb);
        else this.#chartsNeedCrumb = true;
      }
    }
  }

  async #crumb(signal: AbortSignal): Promise<Crumb> {
    const { crumbs, baseUrl, consent } = this.#options;
    for (;;) {
      try {
        return await crumbs.get(() =>
          fetchCrumb({
            cookieUrl: this.#cookieUrl,
            baseUrl,
            consent,
            send: (request) => this.#send(request, signal),
          }),
        );
      } catch (error) {
        signal.throwIfAborted();
        // Another task asked for it, and was stopped meanwhile.
        if (error instanceof HttpFault) throw error;
      }
    }
  }

  async #send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const { http, rate, userAgent, backoffMs, metrics } = this.#options;
    const ticket = await rate.take(signal);
    try {
      const response = await http.send(
        {
          ...request,
          headers: { 'user-agent': userAgent, accept: 'application/json,text/plain,*/*', ...request.headers },
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
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    throw new HttpFault("Yahoo's answer is no JSON, or was cut off", { reason: 'malformed', cause });
  }
  const error = errorIn(answer);
  if (error) throw new HttpFault(error.description, { reason: 'status', status: statusOf(error), body: text });
  return answer;
}

/** Some refusals come with status 200: the code has the words of the status that is meant. */
const STATUSES: Readonly<Record<string, number>> = {
  'bad request': 400,
  unauthorized: 401,
  'not found': 404,
  'unprocessable entity': 422,
  // The rate does not know of it: it is waited out as an outage is.
  'too many requests': 503,
  'internal server error': 500,
  'service unavailable': 503,
};
const statusOf = ({ code }: YahooError): number => STATUSES[code.toLowerCase().replaceAll('-', ' ')] ?? 400;

/** The error that Yahoo explains in the body of a failure. */
export interface YahooError {
  readonly code: string;
  readonly description: string;
}

/** What Yahoo says of a request that it refused; null if it says nothing. */
export function yahooErrorOf(fault: HttpFault): YahooError | null {
  try {
    return errorIn(JSON.parse(fault.body));
  } catch {
    return null;
  }
}

function errorIn(answer: unknown): YahooError | null {
  if (!isPlainObject(answer)) return null;
  for (const part of Object.values(answer as Record<string, unknown>)) {
    const { error, result } = (isPlainObject(part) ? part : {}) as { error?: unknown; result?: unknown };
    if (!isPlainObject(error) || (Array.isArray(result) && result.length > 0)) continue;
    const { code, description } = error as Record<string, unknown>;
    if (typeof description === 'string') return { code: String(code), description };
  }
  return null;
}
