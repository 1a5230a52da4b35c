import type { Connected } from './connected.ts';
import { FeedEndpoint } from './endpoint.ts';
import { type AtOnce, type Draw, drawOf, exponential, type Faults } from './faults.ts';
import { FeedHistory } from './feed-history.ts';
import { type Journal, Ledger } from './ledger.ts';
import type { Protocol, Rules, Trade } from './protocol.ts';
import type { MarketTrade, ServedMarket } from './served-market.ts';
import { type FeedName, spelled } from './spelling.ts';

export interface LiveFeedOptions {
  readonly name: FeedName;
  readonly protocol: Protocol;
  readonly rules: Rules;
  readonly market: ServedMarket;
  readonly seed: number;
  readonly faults: () => Faults;
  readonly journal: Journal | null;
  /** Null: any key that is not empty. */
  readonly key: string | null;
  readonly secret: string | null;
  /** The number with which the symbol of the market goes on from now. */
  readonly begin: (symbol: string) => number;
  /** Sends what happened up to now. */
  readonly catchUp: () => void;
}

/** A trade that comes later than it happened, or once more. */
interface Later {
  readonly trade: Trade;
  /** Whether it has come already. */
  readonly again: boolean;
  /** So many trades of its symbol come before it. */
  left: number;
  readonly until: number;
}

/** What a connection waits for. */
interface Line {
  /** Milliseconds since the epoch. */
  stalledUntil: number;
  pending: Trade[];
  timers: NodeJS.Timeout[];
}

/** A trade that is to come behind others comes after this at the latest. Milliseconds. */
const LATEST_MS = 400;
const BROKEN = ['{"e":"trade","s":', '[]]', Buffer.from([0xff, 0x00, 0x13])] as const;

/** One feed of the market: it tells trades to whoever has subscribed, as far as the faults let it. */
export class LiveFeed {
  readonly name: FeedName;
  readonly endpoint: FeedEndpoint;
  readonly ledger: Ledger;
  readonly history: FeedHistory;
  readonly #options: LiveFeedOptions;
  readonly #draw: Draw;
  readonly #lines = new Map<Connected, Line>();
  readonly #later = new Map<string, Later[]>();
  /** What is to be sent in this round. */
  #out: Trade[] = [];
  /** What comes again, in the next round at the earliest: within one message it would not be a repetition. */
  #again: Trade[] = [];
  #broken = 0;
  #requests = 0;

  constructor(options: LiveFeedOptions) {
    const { name, protocol, rules, market, seed, journal, key, secret } = options;
    this.name = name;
    this.#options = options;
    this.#draw = drawOf(seed, name);
    this.ledger = new Ledger(name, journal);
    this.history = new FeedHistory(name, market, this.ledger);
    this.endpoint = new FeedEndpoint({
      protocol,
      rules,
      history: this.history,
      accepts: (given, own) =>
        (key === null ? given !== '' : given === key) && (secret === null || own === null || own === secret),
      recent: (symbol, count) => this.#recent(symbol, count),
      refusal: () => (this.#draw('http429', ++this.#requests) < options.faults().http429 ? 429 : null),
      maySend: (client) => !this.#isStalled(client),
      onClient: (client) => this.#arrived(client),
      onAnswered: (client) => {
        for (const symbol of client.symbols) this.#begin(symbol);
      },
      onGone: (client) => this.#gone(client),
    });
  }

  /** How often there are heartbeats; null: never. */
  get heartbeatMs(): number | null {
    return this.#options.rules.heartbeatMs ?? null;
  }

  /** Takes trades of a symbol of the market, in order. */
  take(symbol: string, trades: readonly MarketTrade[]): void {
    const name = spelled(this.name, symbol);
    const account = this.ledger.accounts.get(name);
    if (!account) return;
    const faults = this.#options.faults();
    const somebody = this.#isHeard(name);
    for (const one of trades) {
      if (one.sequence < account.first) continue;
      const trade = this.history.tell(one, symbol);
      account.last = one.sequence;
      const happens = (kind: 'gap' | 'lost' | 'reorder' | 'duplicate' | 'malformed'): boolean =>
        faults[kind] > 0 && this.#draw(kind, name, trade.sequence) < faults[kind];
      if (!somebody) this.ledger.withheld(trade, 'nobody');
      else if (happens('lost')) this.ledger.withheld(trade, 'lost');
      else if (happens('gap')) this.ledger.withheld(trade, 'gap');
      else if (happens('reorder')) this.#postpone(trade, false);
      else {
        this.#out.push(trade);
        if (happens('duplicate')) this.#postpone(trade, true);
        if (happens('malformed')) this.#broken++;
        this.#release(name, 1);
      }
    }
  }

  /** Sends what this round has brought. */
  flush(now: number): void {
    for (const name of this.#later.keys()) this.#release(name, 0, now);
    const out = this.#out;
    this.#out = this.#again;
    this.#again = [];
    const sent = new Set<Trade>();
    for (const [client, line] of this.#lines) {
      if (client.dead || client.ws.readyState !== client.ws.OPEN) continue;
      const wanted = out.filter((trade) => client.symbols.has(trade.symbol));
      for (const trade of wanted) sent.add(trade);
      if (line.stalledUntil > now) line.pending.push(...wanted);
      else
        this.#deliver(client, line.pending.length > 0 ? [...new Set([...line.pending.splice(0), ...wanted])] : wanted);
    }
    for (const trade of out) if (!sent.has(trade)) this.ledger.withheld(trade, 'gone');
  }

  /** Whether something is still to be sent that happened already. */
  get waiting(): boolean {
    return (
      this.#out.length > 0 ||
      [...this.#later.values()].some((all) => all.length > 0) ||
      [...this.#lines.values()].some(({ pending }) => pending.length > 0)
    );
  }

  heartbeat(): void {
    this.endpoint.heartbeat((symbol) => this.history.before(symbol, Number.MAX_SAFE_INTEGER, 1)[0]);
  }

  /** Faults of every connection, now. */
  strike(fault: AtOnce): void {
    for (const client of this.#lines.keys()) this.#strike(client, fault);
  }

  /** The times of the faults are drawn anew, after they were changed. */
  reschedule(): void {
    for (const client of this.#lines.keys()) this.#schedule(client);
  }

  end(): void {
    for (const { timers } of this.#lines.values()) for (const timer of timers) clearTimeout(timer);
    this.endpoint.terminate();
  }

  #begin(symbol: string): void {
    const own = this.history.ownOf(symbol);
    if (own !== undefined && !this.ledger.accounts.has(symbol)) this.ledger.begin(symbol, this.#options.begin(own));
  }

  #recent(symbol: string, count: number): readonly Trade[] {
    this.#begin(symbol);
    const account = this.ledger.accounts.get(symbol)!;
    return this.history.before(symbol, account.last + 1, count).filter(({ sequence }) => !account.kept.has(sequence));
  }

  #isHeard(symbol: string): boolean {
    for (const client of this.#lines.keys())
      if (!client.dead && client.ws.readyState === client.ws.OPEN && client.symbols.has(symbol)) return true;
    return false;
  }

  #isStalled(client: Connected): boolean {
    return (this.#lines.get(client)?.stalledUntil ?? 0) > Date.now();
  }

  #deliver(client: Connected, trades: readonly Trade[]): void {
    const broken = this.#broken > 0 ? BROKEN[--this.#broken % BROKEN.length] : undefined;
    if (broken !== undefined) client.send(broken);
    if (trades.length === 0) return;
    for (const frame of this.#options.protocol.frames(trades, client)) client.send(frame);
    for (const trade of trades) this.ledger.sent(trade);
  }

  /** Sends a trade once more, or later, behind one to three others. */
  #postpone(trade: Trade, again: boolean): void {
    const all = this.#later.get(trade.symbol) ?? [];
    this.#later.set(trade.symbol, all);
    const left = (again ? 0 : 1) + Math.floor(this.#draw('behind', trade.symbol, trade.sequence) * 3);
    all.push({ trade, again, left, until: Date.now() + LATEST_MS });
  }

  /** So many trades of the symbol came: those that waited for them follow. */
  #release(symbol: string, passed: number, now = 0): void {
    const all = this.#later.get(symbol);
    if (!all || all.length === 0) return;
    const still: Later[] = [];
    for (const one of all) {
      one.left -= passed;
      if (one.left < 0 || now >= one.until) (one.again ? this.#again : this.#out).push(one.trade);
      else still.push(one);
    }
    this.#later.set(symbol, still);
  }

  #arrived(client: Connected): void {
    this.#lines.set(client, { stalledUntil: 0, pending: [], timers: [] });
    this.#schedule(client);
  }

  #gone(client: Connected): void {
    const line = this.#lines.get(client);
    this.#lines.delete(client);
    for (const timer of line?.timers ?? []) clearTimeout(timer);
    for (const trade of line?.pending ?? []) this.ledger.withheld(trade, 'gone');
  }

  /** When what will happen to the connection follows from the seed and its number. */
  #schedule(client: Connected): void {
    const line = this.#lines.get(client)!;
    for (const timer of line.timers) clearTimeout(timer);
    const { disconnectMs, stallMs, halfOpenMs } = this.#options.faults();
    const after = (fault: AtOnce, meanMs: number, round: number): NodeJS.Timeout[] => {
      if (meanMs <= 0) return [];
      const timer = setTimeout(
        () => {
          this.#strike(client, fault);
          if (fault === 'stall') line.timers.push(...after(fault, this.#options.faults().stallMs, round + 1));
        },
        Math.min(exponential(this.#draw(fault, client.number, round), meanMs), 2 ** 31 - 1),
      );
      return [timer.unref()];
    };
    line.timers = [
      ...after('disconnect', disconnectMs, 0),
      ...after('stall', stallMs, 0),
      ...after('half-open', halfOpenMs, 0),
    ];
  }

  #strike(client: Connected, fault: AtOnce): void {
    // What happened before the fault was told before it, trades that were to come late among it.
    for (const all of this.#later.values()) for (const one of all) one.left = -1;
    this.#options.catchUp();
    const line = this.#lines.get(client);
    if (!line || client.dead) return;
    switch (fault) {
      case 'disconnect':
        client.close(1001, 'going away');
        break;
      case 'stall':
        line.stalledUntil = Date.now() + this.#options.faults().stallForMs;
        break;
      case 'half-open':
        client.dead = true;
        for (const trade of line.pending.splice(0)) this.ledger.withheld(trade, 'gone');
        break;
    }
  }
}
