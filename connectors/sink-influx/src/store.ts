import { DataError, type SinkRecord } from '@tributary/api';
import { chunksOf, concurrently, type Fault, type Refuse, type Store } from '@tributary/sink-kit';
import { verdict } from './http/answer.ts';
import { type Route, routeTo } from './http/destinations.ts';
import { InfluxFault } from './http/fault.ts';
import type { Rejection } from './http/rejection.ts';
import { Server } from './http/server.ts';
import type { Point, Points } from './point/points.ts';
import type { Settings } from './settings.ts';
import { suspectsOf } from './suspects.ts';

/** Writes records as points; done when InfluxDB has answered for all of them. */
export class InfluxStore implements Store {
  readonly #settings: Settings;
  readonly #points: Points;
  readonly #server: Server;
  readonly #routes = new Map<string, Route>();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#points = settings.points;
    this.#server = new Server(settings.server);
  }

  async write(records: readonly SinkRecord[], refuse: Refuse): Promise<void> {
    for (const [route, own] of this.#byRoute(this.#withoutTombstones(records, refuse))) {
      const { count, bytes, concurrent } = this.#settings.requests;
      const points = this.#points.fold(own, refuse);
      const chunks = chunksOf(points, { count, bytes, sizeOf: ({ line }) => Buffer.byteLength(line) + 1 });
      // No two of the points are the same, so that their order does not matter.
      await concurrently(chunks, concurrent, (chunk) => this.#send(route, chunk, refuse));
    }
  }

  classify(error: unknown): Fault {
    return error instanceof InfluxFault ? error.fault : { kind: 'fatal' };
  }

  async close(): Promise<void> {
    this.#server.close();
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

  /**
   * Writes points. Of those that InfluxDB refuses, the ones that it has something against are told from the others, which are sent again:
   * it may have stored none of them, and an answer about a part of its shards says nothing about the rest.
   */
  async #send(route: Route, points: readonly Point[], refuse: Refuse): Promise<void> {
    const lines = points.map(({ line }) => line);
    const rejection = verdict(await this.#server.send('POST', route.path, lines.join('\n')), route);
    if (rejection === null) return;
    if (points.length === 1 || rejection.dropped === points.length || rejection.refused.length === points.length) {
      for (const point of points) await this.#refuse(route, point, rejection, refuse);
      return;
    }
    const suspects = suspectsOf(rejection, lines, this.#settings.target.precision);
    const divided = suspects.size > 0 && suspects.size < points.length;
    const second = divided ? (i: number): boolean => suspects.has(i) : (i: number): boolean => i >= points.length >>> 1;
    for (const part of [points.filter((_, i) => !second(i)), points.filter((_, i) => second(i))])
      await this.#send(route, part, refuse);
  }

  async #refuse(route: Route, { line, records }: Point, rejection: Rejection, refuse: Refuse): Promise<void> {
    if (this.#settings.expired === 'skip' && isExpired(rejection)) return;
    if (records.length === 1) {
      refuse(records[0]!, new DataError(`InfluxDB refused the point: ${reasonFor(line, rejection)}`));
      return;
    }
    // One after the other, as they would be without having been folded: only those are refused that have to do with it.
    for (const record of records) await this.#send(route, [this.#points.single(record)], refuse);
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
