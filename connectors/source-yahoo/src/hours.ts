import { Failures } from './failure.ts';
import type { Feed } from './feed.ts';
import { nextSession, type Session, sessionOf, UNKNOWN_PAUSE } from './session.ts';

interface Known {
  readonly session: Session | null;
  readonly asked: number;
}

/** When the markets of quotes open, which quotes do not say: out of a chart of one symbol for each exchange. */
export class Hours {
  readonly #feed: Feed;
  readonly #known = new Map<string, Known>();

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  /** When a market that is closed is to be asked again. Milliseconds since 1970. */
  async nextOpening(symbol: string, exchange: string, signal: AbortSignal): Promise<number> {
    const now = this.#feed.clock.now();
    let known = this.#known.get(exchange);
    if (!known || isStale(known, now)) {
      known = { session: await this.#ask(symbol, signal), asked: now };
      this.#known.set(exchange, known);
    }
    if (!known.session) return now + UNKNOWN_PAUSE;
    // Within the hours, and closed all the same: a holiday, or a break.
    const { start } = nextSession(known.session, now);
    return start > now ? start : now + UNKNOWN_PAUSE;
  }

  async #ask(symbol: string, signal: AbortSignal): Promise<Session | null> {
    const { client, config } = this.#feed;
    try {
      return sessionOf((await client.hours(symbol, signal)).meta, config['pre.post.market']);
    } catch (error) {
      signal.throwIfAborted();
      new Failures(this.#feed).classify(error);
      return null;
    }
  }
}

/** Hours that are over are asked for once after their end, and once more where the next ones should have begun. */
function isStale({ session, asked }: Known, now: number): boolean {
  if (now - asked < UNKNOWN_PAUSE) return false;
  if (!session || now < session.end) return now - asked >= UNKNOWN_PAUSE && (!session || now >= session.start);
  return asked < session.end || nextSession(session, now).start <= now;
}
