import type { SinkRecord } from '@tributary/api';
import type { Measurements } from './measurement.ts';
import type { Tags } from './tags.ts';

/** A point of InfluxDB, and the records that it is made of: those of one measurement, with the same tags and the same time. */
export interface Point {
  readonly series: Series;
  readonly time: string;
  /** In the order of their offsets; fields of later ones replace those of earlier ones. */
  readonly records: readonly SinkRecord[];
}

/** A measurement with a value for each of its tags, and the points that the records at hand have in it. */
export class Series {
  /** As it stands in a line, before the space. */
  readonly text: string;
  /** Whether what follows decides if a line with it is read as one. */
  readonly doubtful: boolean;
  #points: Point[] = [];
  /** Made when times are not in their order. */
  #byTime: Map<string, Point> | null = null;

  constructor(text: string) {
    this.text = text;
    this.doubtful = text.includes('\\\\ ');
  }

  /** Whether it has no points yet. */
  get empty(): boolean {
    return this.#points.length === 0;
  }

  /** The point of a time. */
  at(time: string): Point | undefined {
    if (this.#byTime) return this.#byTime.get(time);
    const last = this.#points.at(-1)?.time;
    // Each text of the same length greater than the one before: then no two are the same.
    if (last === undefined || (last.length === time.length && last < time)) return undefined;
    this.#byTime = new Map(this.#points.map((point) => [point.time, point]));
    return this.#byTime.get(time);
  }

  add(point: Point): void {
    this.#points.push(point);
    this.#byTime?.set(point.time, point);
  }

  /** Its points, in the order in which they were added; it has none after that. */
  taken(): readonly Point[] {
    const points = this.#points;
    this.#points = [];
    this.#byTime = null;
    return points;
  }
}

/** What the values of the tags so far lead to. */
interface Branch {
  readonly next: Map<string, Branch>;
  series: Series | undefined;
}

/** Branches are kept up to here: tags can have any number of values. */
const MAX_KEPT = 20_000;

/**
 * Finds the series of records. The values of tags lead to it one after the other, so that its text, which is longer than each of
 * them, is put together and escaped once.
 */
export class SeriesTable {
  readonly #measurements: Measurements;
  readonly #tags: Tags;
  #roots = new Map<string, Branch>();
  #byText = new Map<string, Series>();
  #branches = 0;

  constructor(measurements: Measurements, tags: Tags) {
    this.#measurements = measurements;
    this.#tags = tags;
  }

  /** @throws DataError for what cannot be written */
  of(record: SinkRecord): Series {
    const measurement = this.#measurements.text(record);
    const { readers } = this.#tags;
    if (readers === null) return this.#known(measurement + this.#tags.text(record));
    let branch = this.#branch(this.#roots, measurement);
    for (const { read } of readers) {
      const value = read(record) ?? '';
      if (typeof value !== 'string') return this.#known(measurement + this.#tags.text(record));
      branch = this.#branch(branch.next, value);
    }
    branch.series ??= this.#known(measurement + this.#tags.text(record));
    return branch.series;
  }

  /** Forgets what it knows if that has become much. */
  tidy(): void {
    if (this.#branches + this.#byText.size <= MAX_KEPT) return;
    this.#roots = new Map();
    this.#byText = new Map();
    this.#branches = 0;
  }

  #branch(branches: Map<string, Branch>, value: string): Branch {
    const known = branches.get(value);
    if (known) return known;
    const branch: Branch = { next: new Map(), series: undefined };
    branches.set(value, branch);
    this.#branches++;
    return branch;
  }

  #known(text: string): Series {
    const known = this.#byText.get(text);
    if (known) return known;
    const series = new Series(text);
    this.#byText.set(text, series);
    return series;
  }
}
