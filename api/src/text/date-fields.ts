import { dayOf, dayOfWeek, MILLIS_PER_DAY, startOfWeek } from './calendar.ts';

/** The fields that were read from a text, by pattern letter, and in which order: of fields that contradict, the later one counts. */
export class DateFields {
  readonly #values = new Map<string, number>();
  /** Milliseconds east of Greenwich. */
  offset = 0;
  #shortYear = false;

  set(letter: string, value: number): void {
    const key = letter === 'L' ? 'M' : letter;
    this.#values.delete(key);
    this.#values.set(key, value);
    if (key === 'y') this.#shortYear = false;
  }

  setShortYear(value: number): void {
    this.set('y', value);
    this.#shortYear = true;
  }

  /** The date; missing fields are those of the epoch. */
  resolve(centuryStart: Date): Date {
    const era = this.#values.get('G');
    const year = this.#year(centuryStart);
    const time = this.#day(era === 0 ? 1 - year : year) * MILLIS_PER_DAY + this.#time() - this.offset;
    if (this.#shortYear && era !== 0 && time < centuryStart.getTime())
      return new Date(this.#day(year + 100) * MILLIS_PER_DAY + this.#time() - this.offset);
    return new Date(time);
  }

  #year(centuryStart: Date): number {
    const year = this.#values.get('y');
    if (year === undefined) return this.#values.get('Y') ?? 1970;
    if (!this.#shortYear) return year;
    const first = centuryStart.getUTCFullYear();
    return year + Math.floor(first / 100) * 100 + (year < first % 100 ? 100 : 0);
  }

  /** Which set of fields tells the day: the one completed last, as java.util.Calendar decides. */
  #day(year: number): number {
    const order = [...this.#values.keys()].filter((key) => 'dDwWFEu'.includes(key));
    const place = (key: string): number => order.lastIndexOf(key);
    const weekday = Math.max(place('E'), place('u'));
    const withWeekday = (key: string): number => (place(key) < 0 || weekday < 0 ? -1 : Math.max(place(key), weekday));
    const month = this.#values.get('M') ?? 0;
    const candidates: [number, () => number][] = [
      [place('d'), () => dayOf(year, month, this.#values.get('d')!)],
      [withWeekday('W'), () => this.#inWeek(dayOf(year, month, 1), 'W')],
      [withWeekday('F'), () => this.#nthWeekday(year, month)],
      [place('D'), () => dayOf(year, 0, 1) + this.#values.get('D')! - 1],
      [withWeekday('w'), () => this.#inWeek(dayOf(year, 0, 1), 'w')],
    ];
    const complete = pick(candidates);
    if (complete) return complete();
    const incomplete = pick([
      [place('W'), () => this.#inWeek(dayOf(year, month, 1), 'W')],
      [Math.max(place('F'), weekday), () => this.#nthWeekday(year, month)],
      [place('w'), () => this.#inWeek(dayOf(year, 0, 1), 'w')],
    ]);
    return incomplete ? incomplete() : dayOf(year, month, 1);
  }

  /** From 0 for Sunday; Sunday if there is none. */
  #weekday(): number {
    const number = this.#values.get('u');
    return number === undefined ? (this.#values.get('E') ?? 0) : number % 7;
  }

  #inWeek(first: number, key: 'w' | 'W'): number {
    return startOfWeek(first) + (this.#values.get(key)! - 1) * 7 + this.#weekday();
  }

  #nthWeekday(year: number, month: number): number {
    const nth = this.#values.get('F') ?? 1;
    if (nth >= 0) {
      const first = dayOf(year, month, 1);
      return first + ((this.#weekday() - dayOfWeek(first) + 7) % 7) + (nth - 1) * 7;
    }
    const last = dayOf(year, month + 1, 0);
    return last - ((dayOfWeek(last) - this.#weekday() + 7) % 7) + (nth + 1) * 7;
  }

  #time(): number {
    const get = (key: string): number | undefined => this.#values.get(key);
    const place = (key: string): number => [...this.#values.keys()].lastIndexOf(key);
    const k = get('k');
    const h = get('h');
    const hourOfDay = place('k') > place('H') ? (k === 24 ? 0 : k) : get('H');
    const hour = place('h') > place('K') ? (h === 12 ? 0 : h) : get('K');
    const half = get('a');
    const hourOfDayPlace = Math.max(place('H'), place('k'));
    const halved = hour !== undefined && half !== undefined ? Math.max(place('h'), place('K'), place('a')) : -1;
    const hours = hourOfDay !== undefined && hourOfDayPlace > halved ? hourOfDay : (hour ?? 0) + (half === 1 ? 12 : 0);
    return hours * 3_600_000 + (get('m') ?? 0) * 60_000 + (get('s') ?? 0) * 1000 + (get('S') ?? 0);
  }
}

function pick(candidates: [number, () => number][]): (() => number) | undefined {
  let best: [number, () => number] = [-1, () => 0];
  for (const candidate of candidates) if (candidate[0] > best[0]) best = candidate;
  return best[0] < 0 ? undefined : best[1];
}
