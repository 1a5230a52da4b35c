import { DataError, type SinkRecord } from '@tributary/api';
import { isOneLine } from '../line/line-scan.ts';
import type { TimestampText } from '../line/timestamp.ts';
import type { Fields } from './fields.ts';
import type { Measurements } from './measurement.ts';
import type { Tags } from './tags.ts';

/** A point of InfluxDB, and the records that it is made of: those of one measurement, with the same tags and the same time. */
export interface Point {
  /** In line protocol, without a newline at its end. */
  readonly line: string;
  /** In the order of their offsets; fields of later ones replace those of earlier ones. */
  readonly records: readonly SinkRecord[];
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

/** A point that more records may still join. */
interface Draft {
  readonly series: string;
  readonly time: string;
  fields: string;
  records: SinkRecord | SinkRecord[];
}

/** Turns records into points. */
export class Points {
  readonly #options: PointsOptions;

  constructor(options: PointsOptions) {
    this.#options = options;
  }

  /**
   * Records of the same measurement, tags and time become one point, with the fields of all: InfluxDB would merge them too, but what it
   * does with several of them in one request is its own affair.
   * @param records in the order of their offsets
   * @param refuse takes those of which no point can be made
   */
  fold(records: readonly SinkRecord[], refuse: (record: SinkRecord, error: unknown) => void): readonly Point[] {
    const drafts = new Map<string, Draft>();
    for (const record of records) {
      try {
        this.#add(drafts, record);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        refuse(record, error);
      }
    }
    return Array.from(drafts.values(), (draft) => this.#point(draft));
  }

  /** The point of a single record. @throws DataError if there is none */
  single(record: SinkRecord): Point {
    const drafts = new Map<string, Draft>();
    this.#add(drafts, record);
    return this.#point([...drafts.values()][0]!);
  }

  #add(drafts: Map<string, Draft>, record: SinkRecord): void {
    const { measurements, tags, fields, timestamp, timestampOf, offsetInTime, empty } = this.#options;
    const series = measurements.text(record) + tags.text(record);
    const time = timestamp(timestampOf(record), offsetInTime ? record.originalOffset : undefined);
    const text = fields.text(record);
    if (text === '') {
      if (empty === 'skip') return;
      throw new DataError(
        'The record has no field with a value, and InfluxDB stores no point without one: set empty.points=skip, or see fields',
      );
    }
    if (series.includes('\\\\ ') && !isOneLine(`${series} ${text}`))
      throw new DataError(
        'A backslash before a space in a tag or in the measurement, together with the quotes, commas or newlines behind it, makes a line that InfluxDB takes for another one: change it with a transform',
      );
    const key = `${series} ${time}`;
    const draft = drafts.get(key);
    if (draft === undefined) drafts.set(key, { series, time, fields: text, records: record });
    else if (Array.isArray(draft.records)) draft.records.push(record);
    else draft.records = [draft.records, record];
  }

  #point({ series, time, fields, records }: Draft): Point {
    return Array.isArray(records)
      ? { line: `${series} ${this.#options.fields.merged(records)} ${time}`, records }
      : { line: `${series} ${fields} ${time}`, records: [records] };
  }
}
