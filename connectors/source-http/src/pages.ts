import { createHash } from 'node:crypto';
import { Backoff, type Clock, ConnectError, type SourceContext, type SourceRecordInput } from '@tributary/api';
import {
  connectionOf,
  HttpClient,
  HttpFault,
  type HttpRequest,
  type HttpResponse,
  isPassing,
  RateLimit,
} from '@tributary/http-kit';
import { type Answer, itemOf, parseAnswer, recordOf } from './answer.ts';
import { type Auth, authOf } from './auth.ts';
import { type HttpConfig, headersOf, TLS_PREFIX } from './config.ts';
import { firstPage, nextPage, toPage } from './paging.ts';
import { type Position, Round, type Validator, versionOf } from './position.ts';
import { RoundMemory } from './round-memory.ts';
import { fill } from './template.ts';

export interface Page {
  readonly records: readonly SourceRecordInput[];
  /** Where to go on behind it. */
  readonly next: Position;
}

/** So many tokens may be refused in a row. */
const REFUSALS = 3;
/** So many records of a round go into the offset: as many more where pages have numbers, since new records move all that is behind them. */
const RECENT = { named: 1000, numbered: 10_000 };

const inJson = (value: string): string => JSON.stringify(value).slice(1, -1);
const asIs = (value: string): string => value;

/** Reads pages, each as often as it takes. */
export class Pages {
  readonly #config: HttpConfig;
  readonly #context: SourceContext;
  readonly #clock: Clock;
  readonly #http: HttpClient;
  readonly #rate: RateLimit;
  readonly #auth: Auth;
  readonly #backoff: Backoff;
  readonly #headers: ReadonlyMap<string, string>;
  #trouble = '';
  /** Whether records that were read before are passed over. */
  readonly #remembers: boolean;
  readonly #memory = new RoundMemory();
  /** The time that `${now}` is while a round lasts. */
  #began = 0;

  constructor(config: HttpConfig, context: SourceContext, clock: Clock) {
    this.#config = config;
    this.#context = context;
    this.#clock = clock;
    this.#http = new HttpClient({ ...connectionOf(config, context.props, TLS_PREFIX), metrics: context.metrics });
    this.#rate = new RateLimit({ perSecond: config['rate.per.second'], burst: 1, clock });
    this.#auth = authOf(config, this.#http, clock);
    this.#backoff = new Backoff({ firstMs: config['retry.backoff.ms'], maxMs: config['retry.backoff.max.ms'] });
    this.#headers = headersOf(context.props);
    this.#remembers = config['offset.fields'].length > 0 || config['id.field'] !== null;
  }

  close(): Promise<void> {
    return this.#http.destroy();
  }

  /** Whether a page may be filled after it was read and before the next one is. */
  get #mayMiss(): boolean {
    return this.#config['paging.type'] === 'page' && this.#config['paging.size'] === null && this.#remembers;
  }

  /** Where to go on after a restart. */
  resume(position: Position): Position {
    if (position.page === null) return position;
    this.#began = this.#clock.now();
    this.#memory.resume(position.recent);
    const before = Number(position.page) - 1;
    return this.#mayMiss && before >= this.#config['paging.first'] ? { ...position, page: String(before) } : position;
  }

  /**
   * Reads the page that a position names. Failures that may pass are waited out.
   * @throws ConnectError for one that will not
   */
  async read(position: Position): Promise<Page> {
    const { log, signal } = this.#context;
    if (position.page === null || this.#began === 0) {
      this.#began = this.#clock.now();
      this.#memory.clear();
    }
    for (let refusals = 0; ; ) {
      const ticket = await this.#rate.take(signal);
      try {
        const page = await this.#ask(position);
        this.#rate.passed();
        this.#backoff.reset();
        if (this.#trouble !== '') log.info('The server answers again');
        this.#trouble = '';
        return page;
      } catch (error) {
        if (!(error instanceof HttpFault)) throw error;
        if (error.status === 401 && refusals < REFUSALS && this.#auth.refused()) {
          // A token may end on its way; that the next one is refused as well takes a server that does not know it yet.
          if (refusals++ > 0) await this.#clock.sleep(this.#backoff.next(), signal);
          continue;
        }
        if (!isPassing(error))
          throw new ConnectError(`${error.message}. ${remedyOf(error, position)}`, { cause: error });
        const pause = Math.max(this.#backoff.next(), error.retryAfterMs ?? 0);
        if (error.status === 429) this.#rate.throttled(ticket, pause);
        if (this.#trouble !== error.message) log.warn(`${error.message}; it is tried again, with pauses that grow`);
        this.#trouble = error.message;
        await this.#clock.sleep(pause, signal);
      }
    }
  }

  async #ask(position: Position): Promise<Page> {
    const config = this.#config;
    const page = position.page ?? firstPage(config);
    const request = this.#request(position, page);
    const name = createHash('sha256')
      .update(`${request.url.href}\n${request.body ?? ''}`)
      .digest('base64url');
    const known = config['http.conditional'] && position.page === null && position.validator?.request === name;
    const response = await this.#http.send(
      {
        ...request,
        headers: {
          ...request.headers,
          ...(known && conditions(position.validator!)),
          ...(await this.#auth.headers(this.#context.signal)),
        },
        accept: (status) => (status >= 200 && status < 300) || (known && status === 304),
      },
      this.#context.signal,
    );
    if (response.status === 304) return { records: [], next: { ...position, page: null } };
    const answer = parseAnswer(config, response.text);
    return this.#page(position, page, request.url, response, answer, name);
  }

  #page(
    position: Position,
    page: string | null,
    url: URL,
    { headers, text }: HttpResponse,
    answer: Answer,
    request: string,
  ): Page {
    const config = this.#config;
    const memory = this.#memory;
    const count = answer.records.length;
    const numbered = config['paging.type'] === 'page' || config['paging.type'] === 'offset';
    const stuck = numbered && count > 0 && memory.isStuck(text);
    if (this.#mayMiss) {
      const missed = memory.missed(page!, count);
      if (missed !== null) return { records: [], next: { ...position, page: missed } };
    }
    const round = new Round(position, config['offset.fields'], !this.#remembers, memory);
    const items = answer.records.map((value) => itemOf(config, value));
    const records = answer.records.filter((_value, i) => round.take(items[i]!)).map((value) => recordOf(config, value));
    if (this.#remembers) memory.add(items.map((item) => versionOf(item, config['offset.fields'][0] ?? null)));
    if (page !== null) memory.asked(page);
    let next = nextPage(config, page, { body: answer.body, link: headers.get('link'), count, url });
    if (next !== null && (stuck || (!numbered && memory.isKnown(next)))) {
      this.#context.log.warn(
        stuck
          ? "The server gives the same page again and again: check 'paging.parameter'. It is taken for the last"
          : 'The server names a page as the next one that was asked for before; it is taken for the last',
      );
      next = null;
    }
    const { reached } = round;
    // What the server said of the first page is true of the whole round only if there is no other page.
    const [etag, modified] = [headers.get('etag'), headers.get('last-modified')];
    const alone = position.page === null && next === null && (etag !== null || modified !== null);
    const validator: Validator | null = alone ? { etag, modified, request } : null;
    return {
      records,
      next: {
        since: next === null ? reached : position.since,
        reached,
        page: next,
        recent: next === null ? [] : memory.recent(numbered ? RECENT.numbered : RECENT.named),
        validator,
      },
    };
  }

  #request(position: Position, page: string | null): HttpRequest {
    const config = this.#config;
    const standing = { now: this.#began, page: page ?? '', offset: position.since.values };
    const filled = fill(config['http.url'], standing, encodeURIComponent);
    const url = URL.parse(filled);
    if (!url) throw new ConnectError(`'http.url' makes no URL: ${filled.split('?', 1)[0]}`);
    const method = config['http.method'];
    const body = method === 'GET' ? null : fill(config['http.body'] ?? '', standing, inJson);
    const headers: Record<string, string> = { accept: 'application/json' };
    if (body !== null) headers['content-type'] = 'application/json';
    for (const [name, value] of this.#headers) headers[name] = fill(value, standing, asIs);
    return { method, url: toPage(config, url, page), headers, body };
  }
}

function conditions({ etag, modified }: Validator): Readonly<Record<string, string>> {
  return {
    ...(etag !== null && { 'if-none-match': etag }),
    ...(modified !== null && { 'if-modified-since': modified }),
  };
}

function remedyOf({ status, reason }: HttpFault, { page }: Position): string {
  if (reason === 'too-large') return 'The task stops';
  if (page !== null && status !== 401 && status !== 403)
    return "It goes on at a page: if that has expired, take '_page' and what begins with '_reached' out of the connector's offset, and the round begins anew";
  if (status === 401 || status === 403) return "Check the keys 'auth.*'";
  return "Check 'http.url' and what the server expects";
}
