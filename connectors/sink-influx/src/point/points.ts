import { DataError, type SinkRecord } from '@tributary/api';
import { isOneLine } from '../line/line-scan.ts';
import { LineWriter } from '../line/line-writer.ts';
import type { TimestampText } from '../line/timestamp.ts';
import type { Fields } from './fields.ts';
import type { Measurements } from './measurement.ts';
import { type Point, type Series, SeriesTable } from './series.ts';
import type { Tags } from './tags.ts';

/** A point that more records may still join, and that those leave which turn out to have fields that cannot be written. */
interface Draft extends Point {
  records: SinkRecord[];
}

export interface PointsOptions {
  readonly measurements: Measurements;
  readonly tags: Tags;
  readonly fields: Fields;
  readonly timestamp: TimestampText;
  readonly timestampOf: (record: SinkRecord) => unknown;
  /** Whether the offset of a record becomes digits of its time, below those of the time itself. */
  readonly offsetInTime: boolean;
  /** What becomes of a record without any field that has a value. */
  readonly empty: 'refuse' | 'skip';
}

type Refuse = (record: SinkRecord, error: unknown) => void;

const SPACE = 0x20;

/** Turns records into points, and points into lines. */
export class Points {
  readonly #options: PointsOptions;
  readonly #series: SeriesTable;

  constructor(options: PointsOptions) {
    this.#options = options;
    this.#series = new SeriesTable(options.measurements, options.tags);
  }

  /**
   * Records of the same measurement, tags and time become one point, with the fields of all: InfluxDB would merge them too, but what it
   * does with several of them in one request is its own affair.
   * @param records in the order of their offsets
   * @param refuse takes those of which no point can be made
   * @returns series by series: a request with few of them is less work for InfluxDB than one with as many points of all
   */
  fold(records: readonly SinkRecord[], refuse: Refuse): readonly Point[] {
    this.#series.tidy();
    const met: Series[] = [];
    for (const record of records) {
      try {
        const { series, time } = this.#place(record);
        const known = series.at(time) as Draft | undefined;
        if (known) {
          known.records.push(record);
          continue;
        }
        const point: Draft = { series, time, records: [record] };
        if (series.empty) met.push(series);
        series.add(point);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        refuse(record, error);
      }
    }
    return met.flatMap((series) => series.taken());
  }

  /** The point of a single record. @throws DataError if there is none */
  single(record: SinkRecord): Point {
    return { ...this.#place(record), records: [record] };
  }

  /**
   * Writes the line of a point, without a newline at its end.
   * @param refuse takes those of its records that cannot be written; they are no part of the point any more
   * @returns false if nothing is left to write
   */
  write(point: Point, out: LineWriter, refuse: Refuse): boolean {
    const start = out.length;
    if (point.records.length > 1) {
      // All of them are looked at before any is written: of those that are refused nothing may be left in the line.
      (point as Draft).records = point.records.filter((record) => {
        const good = this.#line(point, record, out, refuse);
        out.backTo(start);
        return good;
      });
    }
    const { series, time, records } = point;
    if (records.length === 0) return false;
    if (records.length === 1) {
      if (this.#line(point, records[0]!, out, refuse)) return true;
      out.backTo(start);
      return false;
    }
    out.text(series.text);
    out.character(SPACE);
    this.#options.fields.writeMerged(records, out);
    out.character(SPACE);
    out.text(time);
    return true;
  }

  /** The line of a point that was written before. */
  line(point: Point): string {
    const out = new LineWriter();
    this.write(point, out, () => {});
    return out.toString();
  }

  #line({ series, time }: Point, record: SinkRecord, out: LineWriter, refuse: Refuse): boolean {
    const start = out.length;
    try {
      out.text(series.text);
      out.character(SPACE);
      if (!this.#options.fields.write(record, out)) {
        if (this.#options.empty === 'skip') return false;
        throw new DataError(
          'The record has no field with a value, and InfluxDB stores no point without one: set empty.points=skip, or see fields',
        );
      }
      if (series.doubtful && !isOneLine(out.toString(start)))
        throw new DataError(
          'A backslash before a space in a tag or in the measurement, together with the quotes, commas or newlines behind it, makes a line that InfluxDB takes for another one: change it with a transform',
        );
      out.character(SPACE);
      out.text(time);
      return true;
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      refuse(record, error);
      return false;
    }
  }

  #place(record: SinkRecord): { readonly series: Series; readonly time: string } {
    const { timestamp, timestampOf, offsetInTime } = this.#options;
    const series = this.#series.of(record);
    const time = timestamp(timestampOf(record), offsetInTime ? record.originalOffset : undefined);
    return { series, time };
  }
}
