import { join } from 'node:path';
import {
  ConnectError,
  messageOf,
  type SourceContext,
  type SourceOffset,
  type SourcePartition,
  type SourceRecordInput,
} from '@tributary/api';
import { tlsOptions } from '@tributary/api/tls';
import { HttpClient } from '@tributary/http-kit';
import { EntryBuffer } from './buffer.ts';
import type { WebSocketConfig } from './config.ts';
import { linesOf } from './config-lines.ts';
import type { Connection } from './divide.ts';
import type { Entry } from './entry.ts';
import type { Feed } from './feed.ts';
import { Link, type LinkEvents } from './link.ts';
import { type FeedMetrics, openMetrics } from './metrics.ts';
import { Occasional } from './occasional.ts';
import { openFeed } from './open-feed.ts';
import { CONNECTIONS, planConnections } from './plan.ts';
import { proxyAgent } from './proxy.ts';
import { RecordMaker } from './record-maker.ts';
import { recover } from './recovery.ts';
import { RecordStream, type Recover } from './stream.ts';
import type { Outlet } from './symbol.ts';
import { compileTemplate } from './template.ts';

/** A connection that held for so long is not counted among the failures. */
const FIRM_MS = 5_000;
/** A request to the REST API may take at least so long, in milliseconds. */
const REQUEST_MS = 5_000;
/** An answer of the REST API has no more than this. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Refusals in a row after which the task fails: a wrong key does not get right. */
const REFUSALS = 3;

/** Opens a task's feed. @throws ConfigError, or RetriableError if the spill folder cannot be used */
export async function openTask(config: WebSocketConfig, context: SourceContext): Promise<FeedTask> {
  const { feed, recoveryUrl } = await openFeed(config);
  const planned = context.props[CONNECTIONS];
  const connections = planned ? (JSON.parse(planned) as readonly Connection[]) : planConnections(config, feed, 1);
  const overflow =
    config['buffer.policy'] === 'spill'
      ? new (await import('./spill.ts')).Spill(join(config['buffer.spill.dir'], `${context.connector}-${context.task}`))
      : null;
  const task = new FeedTask(config, context, { feed, recoveryUrl, connections, overflow });
  await task.start();
  return task;
}

interface Parts {
  readonly feed: Feed;
  readonly recoveryUrl: string | null;
  readonly connections: readonly Connection[];
  readonly overflow: import('./spill.ts').Spill | null;
}

/** The links of a task, the stream that their records go through, and the buffer that the worker takes them from. */
export class FeedTask {
  readonly #config: WebSocketConfig;
  readonly #context: SourceContext;
  readonly #parts: Parts;
  readonly #metrics: FeedMetrics;
  readonly #maker: RecordMaker;
  readonly #buffer: EntryBuffer;
  readonly #stream: RecordStream;
  readonly #outlet: Outlet;
  readonly #links: Link[] = [];
  readonly #malformed: Occasional;
  /** Ends what is under way when the task closes, however that comes about. */
  readonly #closing = new AbortController();
  /** Size of the frame that the next record came in. */
  #bytes = 0;
  /** What was read in this round of the event loop. */
  readonly #read = { messages: 0, bytes: 0 };
  #up = 0;
  #failure: unknown = null;
  #wake: (() => void) | null = null;
  #waking = false;

  constructor(config: WebSocketConfig, context: SourceContext, parts: Parts) {
    const { feed, overflow } = parts;
    this.#config = config;
    this.#context = context;
    this.#parts = parts;
    const metrics = openMetrics(context.metrics);
    this.#metrics = metrics;
    this.#maker = new RecordMaker(feed, {
      topic: config.topic,
      gaps: config['gaps.topic'],
      malformed: config['malformed.topic'],
    });
    this.#malformed = new Occasional((message) => context.log.warn(message));
    this.#buffer = new EntryBuffer({
      limits: { records: config['buffer.max.records'], bytes: config['buffer.max.bytes'] },
      policy: config['buffer.policy'],
      overflow,
      onBlock: (blocked) => this.#block(blocked),
      onDrop: (count) => metrics.dropped.add(count),
      now: Date.now,
    });
    this.#outlet = this.#makeOutlet();
    this.#stream = new RecordStream({
      feed,
      reorderMs: config['reorder.wait.ms'],
      ids: config['dedup.ids'],
      outlet: this.#outlet,
      recover: feed.recovery && this.#makeRecover(feed.recovery),
      stored: (symbol) => context.offsets.get(this.#maker.partition(symbol)),
      onGivenUp: ({ symbol, from, to }, reason) =>
        context.log.warn(`${symbol}: records ${from} to ${to} are missing and could not be recovered: ${reason}`),
      onError: (error) => this.#fail(error),
      now: Date.now,
    });
  }

  async start(): Promise<void> {
    const symbols = this.#parts.connections.flatMap((connection) => connection.symbols);
    const partitions: SourcePartition[] = symbols.map((symbol) => this.#maker.partition(symbol));
    const stored = await this.#context.offsets.getAll(partitions);
    symbols.forEach((symbol, i) => {
      this.#stream.open(symbol, stored[i] ?? null);
    });
    this.#readLeft();
    // A symbol of which nothing came yet was without a connection as long as the others were.
    const latest = stored.map(timeOf).reduce((a, b) => (b !== null && (a === null || b > a) ? b : a), null);
    const since = new Map(symbols.map((symbol, i) => [symbol, timeOf(stored[i]) ?? latest]));
    for (const connection of this.#parts.connections) this.#links.push(this.#link(connection, since));
    for (const link of this.#links) link.start();
  }

  /** The next batch; waits for one. Null when the task is to stop. @throws what ended the connections for good */
  async next(): Promise<readonly SourceRecordInput[] | null> {
    const { signal } = this.#context;
    while (!signal.aborted) {
      if (this.#failure !== null) throw this.#failure;
      const entries = this.#buffer.size > 0 ? this.#buffer.take(this.#config['batch.max.records']) : [];
      const records = entries.length > 0 ? this.#maker.records(entries) : [];
      if (entries.length > 0) this.#observe(entries);
      if (records.length > 0) return records;
      if (this.#buffer.size === 0) await this.#woken(signal);
    }
    return null;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const link of this.#links) link.close();
    this.#stream.close();
    this.#malformed.close();
    this.#buffer.save();
    await this.#parts.overflow?.close();
  }

  /** Records that the last run left on disk go through the stream once more: the offsets tell which of them are new. */
  #readLeft(): void {
    const { overflow } = this.#parts;
    if (!overflow || overflow.size === 0) return;
    this.#context.log.info(`${overflow.size} records are left on disk from before; they come first`);
    const left: Entry[] = [];
    for (let more = overflow.shift(); more.length > 0; more = overflow.shift()) left.push(...more);
    for (const entry of left) {
      if (entry.kind === 'record') {
        this.#bytes = entry.bytes;
        this.#stream.accept(entry.item);
      } else if (entry.kind === 'malformed') this.#push(entry);
    }
  }

  #makeOutlet(): Outlet {
    const { log } = this.#context;
    const metrics = this.#metrics;
    return {
      record: (item, offset) => {
        this.#push({ kind: 'record', symbol: item.symbol, item, offset, bytes: this.#bytes });
        this.#bytes = 0;
      },
      gap: (gap, offset) => {
        metrics.gaps.add();
        (gap.recovered ? metrics.recovered : metrics.missing).add(gap.count ?? 0);
        const range = gap.from === null ? '' : ` ${gap.from} to ${gap.to}`;
        log.debug(`${gap.symbol}: gap${range}, ${gap.reason}, ${gap.recovered ? 'recovered' : 'not recovered'}`);
        this.#push({ kind: 'gap', symbol: gap.symbol, gap, offset, until: Date.now() });
      },
      duplicate: () => metrics.duplicates.add(),
    };
  }

  #makeRecover(recovery: NonNullable<Feed['recovery']>): Recover {
    const config = this.#config;
    const { signal } = this.#closing;
    const timeoutMs = config['recovery.timeout.ms'];
    const { 'proxy.url': url, 'proxy.user': username, 'proxy.password': password } = config;
    const client = new HttpClient({
      proxy: { url, username, password },
      tls: tlsOptions(this.#context.props, ''),
      timeoutMs: Math.max(timeoutMs, REQUEST_MS),
      maxBytes: MAX_ANSWER_BYTES,
    });
    signal.addEventListener('abort', () => void client.destroy(), { once: true });
    const headers = { accept: 'application/json', 'user-agent': 'tributary' };
    const options = {
      recovery,
      url: this.#parts.recoveryUrl,
      timeoutMs,
      maxRecords: config['recovery.max.records'],
      get: async (url: string) => (await client.send({ url: new URL(url), headers }, signal)).text,
      signal,
    };
    return (hole, found) => recover(hole, options, found);
  }

  #link({ symbols, url }: Connection, since: ReadonlyMap<string, number | null>): Link {
    const { feed } = this.#parts;
    const config = this.#config;
    const { timing } = feed;
    const shown = config['websocket.url'].length > 0 ? config['websocket.url'] : feed.urls(symbols).map(withoutQuery);
    return new Link({
      feed: this.#withHeartbeat(feed),
      symbols,
      url: feed.urls(symbols)[url]!,
      shownUrl: shown[url] ?? shown[0] ?? '',
      target: {
        headers: feed.headers(),
        subprotocols: feed.subprotocols(),
        compression: config['websocket.compression'],
        maxFrameBytes: config['websocket.frame.max.bytes'],
        tls: tlsOptions(this.#context.props, ''),
        agent: proxyAgent(config),
      },
      settings: {
        backoff: { firstMs: config['reconnect.backoff.ms'], maxMs: config['reconnect.backoff.max.ms'] },
        plannedMs: config['reconnect.planned.ms'] ?? timing.plannedMs,
        overlapMs: feed.identified ? config['reconnect.overlap.ms'] : 0,
        makeBeforeBreak: !feed.oneConnection,
        maxFailures: config['reconnect.max.attempts'],
        maxRefusals: REFUSALS,
        firmMs: FIRM_MS,
      },
      socket: {
        connectMs: config['connect.timeout.ms'],
        talkMs: config['subscribe.timeout.ms'],
        silenceMs: config['silence.timeout.ms'] ?? timing.silenceMs,
        pingMs: config['ping.interval.ms'] ?? timing.pingMs,
        pongMs: config['ping.timeout.ms'],
        heartbeatMs: config['heartbeat.interval.ms'] ?? timing.heartbeatMs,
      },
      events: this.#events(feed, new Map(symbols.map((symbol) => [symbol, since.get(symbol) ?? null]))),
    });
  }

  /** A config may have heartbeats of its own beside a preset. */
  #withHeartbeat(feed: Feed): Feed {
    const own = linesOf(this.#config['heartbeat.messages']).map(compileTemplate);
    if (own.length === 0 || this.#config.preset === null) return feed;
    const { 'api.key': key, 'api.secret': secret } = this.#config;
    const values = { key: key?.reveal() ?? '', secret: secret?.reveal() ?? '' };
    return { ...feed, heartbeat: (symbols) => own.flatMap((template) => template({ ...values, symbols })) };
  }

  #events(feed: Feed, since: Map<string, number | null>): LinkEvents {
    const metrics = this.#metrics;
    const { log } = this.#context;
    return {
      item: (item, bytes) => {
        this.#bytes = bytes;
        this.#stream.accept(item);
      },
      exists: (symbol, sequence) => this.#stream.exists(symbol, sequence),
      message: (bytes) => {
        if (this.#read.messages++ === 0) setImmediate(() => this.#countRead());
        this.#read.bytes += bytes;
      },
      malformed: (data, error) => this.#takeMalformed(data, error),
      up: (symbols, downSince) => {
        metrics.connects.add();
        metrics.connected.set(this.#countUp(1));
        log.info(`Subscribed to ${feed.name}${symbols.length > 0 ? `: ${listed(symbols)}` : ''}`);
        if (feed.contiguous) return;
        for (const [symbol, before] of since) {
          const from = downSince ?? before;
          if (from !== null) this.#stream.interrupted([symbol], from);
        }
        for (const symbol of since.keys()) since.set(symbol, null);
      },
      down: (reason, wasLive) => {
        metrics.disconnects.add();
        if (wasLive) metrics.connected.set(this.#countUp(-1));
        log.warn(`The connection to ${feed.name} ${wasLive ? 'was lost' : 'did not come about'}: ${reason}`);
      },
      rejected: (message) => {
        metrics.rejected.add();
        log.warn(`${feed.name} refused a subscription: ${message}`);
      },
      failed: (error) => this.#fail(error),
    };
  }

  /** Once for all messages of a round of the event loop. */
  #countRead(): void {
    this.#metrics.messages.add(this.#read.messages);
    this.#metrics.bytes.add(this.#read.bytes);
    this.#read.messages = 0;
    this.#read.bytes = 0;
    this.#observeBuffer();
  }

  /** Also while nobody takes anything, which is when it matters most. */
  #observeBuffer(): void {
    this.#metrics.buffered.set(this.#buffer.size);
    this.#metrics.fill.set(Math.min(this.#buffer.fill, 1));
    this.#metrics.held.set(this.#stream.held);
  }

  #countUp(by: number): number {
    this.#up = Math.min(Math.max(this.#up + by, 0), this.#links.length);
    return this.#up;
  }

  #takeMalformed(data: Buffer, error: unknown): void {
    this.#metrics.malformed.add();
    const reason = messageOf(error);
    const message = `A message of ${this.#parts.feed.name} could not be read: ${reason}`;
    if (this.#config['malformed.policy'] === 'fail') {
      this.#fail(new ConnectError(`${message}; with malformed.policy=skip the task would go on`));
      return;
    }
    this.#malformed.tell(message);
    if (this.#config['malformed.topic'] !== null) this.#push({ kind: 'malformed', malformed: { data, reason } });
  }

  #block(blocked: boolean): void {
    if (blocked) this.#context.log.info('The buffer is full: nothing more is read until records have been taken');
    for (const link of this.#links) link.block(blocked);
  }

  #push(entry: Entry): void {
    try {
      this.#buffer.push(entry);
    } catch (error) {
      this.#fail(error);
    }
    this.#notify();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#notify();
  }

  /** Wakes who waits for a batch, once all sockets had their turn in this round of the event loop. */
  #notify(): void {
    if (this.#wake === null || this.#waking) return;
    this.#waking = true;
    setImmediate(() => {
      this.#waking = false;
      this.#wake?.();
    });
  }

  #woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wake = null;
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
      if (this.#failure !== null || this.#buffer.size > 0) wake();
    });
  }

  #observe(entries: readonly Entry[]): void {
    const metrics = this.#metrics;
    metrics.records.add(entries.length);
    this.#observeBuffer();
    const last = entries.at(-1)!;
    if (last.kind === 'record' && last.item.time !== null)
      metrics.lag.observe(Math.max(Date.now() - last.item.time, 0));
  }
}

/**
 * Until when a symbol without numbers had come when its offset was stored: the earliest time among its last records, since a record that
 * was late may have come after them.
 */
const timeOf = (offset: SourceOffset | null | undefined): number | null => {
  const time = offset?.since ?? offset?.time;
  return typeof time === 'number' ? time : null;
};

const withoutQuery = (url: string): string => url.replace(/\?.*$/, '');

const listed = (symbols: readonly string[]): string =>
  symbols.length <= 10 ? symbols.join(', ') : `${symbols.slice(0, 10).join(', ')} and ${symbols.length - 10} more`;
