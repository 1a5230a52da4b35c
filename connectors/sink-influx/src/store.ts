import { DataError, type SinkRecord } from '@tributary/api';
import { concurrently, type Fault, type Refuse, type Store } from '@tributary/sink-kit';
import { verdict } from './http/answer.ts';
import { type Route, routeTo } from './http/destinations.ts';
import { InfluxFault } from './http/fault.ts';
import type { Rejection } from './http/rejection.ts';
import { Server } from './http/server.ts';
import { LineWriter } from './line/line-writer.ts';
import type { Points } from './point/points.ts';
import type { Point } from './point/series.ts';
import { usualFirst } from './point/usual-first.ts';
import type { Settings } from './settings.ts';
import { suspectsOf } from './suspects.ts';

const NEWLINE = 0x0a;

/** The lines of one request are put together in one go, so that one place for them is enough for all tasks of a thread. */
const lines = new LineWriter();

/** Points that go together, and their lines. */
interface Request {
  readonly route: Route;
  readonly points: readonly Point[];
  readonly body: string;
}

/** What was worked out before its turn. */
interface Prepared {
  readonly records: readonly SinkRecord[];
  readonly requests: readonly Request[];
  readonly refused: ReadonlyArray<readonly [SinkRecord, unknown]>;
}

/** Writes records as points; done when InfluxDB has answered for all of them. */
export class InfluxStore implements Store {
  readonly #settings: Settings;
  readonly #points: Points;
  readonly #server: Server;
  readonly #routes = new Map<string, Route>();
  #prepared: Prepared | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#points = settings.points;
    this.#server = new Server(settings.server);
  }

  /** Makes the requests, so that they can go as soon as those before are answered. */
  prepare(records: readonly SinkRecord[]): void {
    this.#prepared = undefined;
    const refused: Array<readonly [SinkRecord, unknown]> = [];
    const requests = [...this.#requestsOf(records, (record, error) => void refused.push([record, error]))];
    this.#prepared = { records, requests, refused };
  }

  async write(records: readonly SinkRecord[], refuse: Refuse): Promise<void> {
    // No two of the points are the same, so that but for the types of new fields their order does not matter.
    const limits = { count: this.#settings.requests.concurrent };
    await concurrently(this.#ready(records, refuse), limits, (request) => this.#send(request, refuse));
  }

  classify(error: unknown): Fault {
    return error instanceof InfluxFault ? error.fault : { kind: 'unknown' };
  }

  async close(): Promise<void> {
    this.#server.close();
  }

  #ready(records: readonly SinkRecord[], refuse: Refuse): Iterable<Request> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (prepared?.records !== records) return this.#requestsOf(records, refuse);
    for (const [record, error] of prepared.refused) refuse(record, error);
    return prepared.requests;
  }

  *#requestsOf(records: readonly SinkRecord[], refuse: Refuse): Generator<Request> {
    for (const [route, own] of this.#byRoute(this.#withoutTombstones(records, refuse)))
      yield* this.#requests(route, usualFirst(this.#points.fold(own, refuse)), refuse);
  }

  #withoutTombstones(records: readonly SinkRecord[], refuse: Refuse): readonly SinkRecord[] {
    if (!records.some(({ value }) => value === null)) return records;
    return records.filter((record) => {
      if (record.value !== null) return true;
      if (this.#settings.tombstones === 'fail')
        refuse(record, new DataError('The record has no value, which behavior.on.null.values=fail does not let pass'));
      return false;
    });
  }

  #byRoute(records: readonly SinkRecord[]): ReadonlyMap<Route, readonly SinkRecord[]> {
    const groups = new Map<Route, SinkRecord[]>();
    let last: { topic: string; group: SinkRecord[] } | undefined;
    for (const record of records) {
      if (record.topic !== last?.topic) {
        const route = this.#routeOf(record.topic);
        const group = groups.get(route) ?? [];
        groups.set(route, group);
        last = { topic: record.topic, group };
      }
      last.group.push(record);
    }
    return groups;
  }

  #routeOf(topic: string): Route {
    const name = this.#settings.nameFor(topic);
    const known = this.#routes.get(name);
    if (known) return known;
    const route = routeTo(this.#settings.target, name);
    this.#routes.set(name, route);
    return route;
  }

  /** Makes each request when it is asked for: the one before is on its way then. */
  *#requests(route: Route, points: readonly Point[], refuse: Refuse): Generator<Request> {
    const { count, bytes } = this.#settings.requests;
    for (let next = 0; next < points.length; ) {
      const own: Point[] = [];
      lines.backTo(0);
      for (; next < points.length && own.length < count; next++) {
        const start = lines.length;
        if (start > 0) lines.character(NEWLINE);
        const point = points[next]!;
        const written = this.#points.write(point, lines, refuse);
        const tooMuch = own.length > 0 && lines.length > bytes;
        if (!written || tooMuch) lines.backTo(start);
        if (tooMuch) break;
        if (written) own.push(point);
      }
      if (own.length > 0) yield { route, points: own, body: lines.toString() };
    }
  }

  /**
   * Writes points. Of those that InfluxDB refuses, the ones that it has something against are told from the others, which are sent again:
   * it may have stored none of them, and an answer about a part of its shards says nothing about the rest.
   */
  async #send({ route, points, body }: Request, refuse: Refuse): Promise<void> {
    const rejection = verdict(await this.#server.send('POST', route.path, body), route);
    if (rejection === null) return;
    if (points.length === 1 || rejection.dropped === points.length || rejection.refused.length === points.length) {
      for (const point of points) await this.#refuse(route, point, rejection, refuse);
      return;
    }
    const texts = points.map((point) => this.#points.line(point));
    const suspects = suspectsOf(rejection, texts, this.#settings.target.precision);
    const divided = suspects.size > 0 && suspects.size < points.length;
    const second = divided ? (i: number): boolean => suspects.has(i) : (i: number): boolean => i >= points.length >>> 1;
    for (const part of [points.filter((_, i) => !second(i)), points.filter((_, i) => second(i))])
      await this.#sendAgain(route, part, refuse);
  }

  async #sendAgain(route: Route, points: readonly Point[], refuse: Refuse): Promise<void> {
    for (const request of this.#requests(route, points, refuse)) await this.#send(request, refuse);
  }

  async #refuse(route: Route, point: Point, rejection: Rejection, refuse: Refuse): Promise<void> {
    if (this.#settings.expired === 'skip' && isExpired(rejection)) return;
    const { records } = point;
    if (records.length === 1) {
      const line = this.#points.line(point);
      refuse(records[0]!, new DataError(`InfluxDB refused the point: ${reasonFor(line, rejection)}`));
      return;
    }
    // One after the other, as they would be without having been folded: only those are refused that have to do with it.
    for (const record of records) await this.#sendAgain(route, [this.#points.single(record)], refuse);
  }
}

/** Whether it is about points that are older than what the bucket keeps. */
const isExpired = ({ message }: Rejection): boolean =>
  /partial write: (?:dropped \d+ points outside|points beyond) retention policy/.test(message);

/** Without the line itself, which may be long and is nobody's business in a log. */
function reasonFor(line: string, { message, quoted, tooLarge }: Rejection): string {
  const reason = quoted.find((item) => item.line === line)?.reason ?? (quoted.length > 0 ? quoted[0]!.reason : message);
  const text = reason.length > 500 ? `${reason.slice(0, 500)}...` : reason;
  return tooLarge ? `${text || 'the request is too large'} (${Buffer.byteLength(line)} bytes)` : text;
}
