import { NO_HEADERS, Schema, type SourcePartition, type SourceRecord } from '@tributary/api';

/** A batch of long lines ends here. */
const MAX_BYTES = 1024 * 1024;
const SCHEMA = Schema.string();

export interface Limits {
  readonly topic: string;
  readonly batchSize: number;
}

/** Makes records of lines and collects them in batches, which end at `batchSize` records or at 1 MiB. */
export class Batches {
  readonly #limits: Limits;
  readonly #partition: SourcePartition | null;
  readonly #full: SourceRecord[][] = [];
  #open: SourceRecord[] = [];
  #openFrom: number;
  #now = Date.now();

  /** A null partition stands for input that cannot be resumed. `position` is where the first line begins. */
  constructor(limits: Limits, partition: SourcePartition | null, position: number) {
    this.#limits = limits;
    this.#partition = partition;
    this.#openFrom = position;
  }

  /** Says that the lines to come begin at another position, and when they were read. */
  reading(position: number): void {
    this.#now = Date.now();
    if (this.#open.length === 0) this.#openFrom = position;
  }

  readonly add = (line: string, end: number): void => {
    const open = this.#open;
    open.push({
      topic: this.#limits.topic,
      partition: null,
      key: null,
      keySchema: null,
      value: line,
      valueSchema: SCHEMA,
      timestamp: this.#now,
      headers: NO_HEADERS,
      sourcePartition: this.#partition,
      sourceOffset: this.#partition && { position: end },
    });
    if (open.length >= this.#limits.batchSize || end - this.#openFrom >= MAX_BYTES) this.#close(end);
  };

  /** Takes the oldest full batch, or null. */
  full(): readonly SourceRecord[] | null {
    return this.#full.shift() ?? null;
  }

  /** Takes whatever there is, for when no more is to be had at the moment. */
  rest(): readonly SourceRecord[] | null {
    if (this.#full.length > 0) return this.full();
    if (this.#open.length === 0) return null;
    const rest = this.#open;
    this.#open = [];
    return rest;
  }

  #close(end: number): void {
    this.#full.push(this.#open);
    this.#open = [];
    this.#openFrom = end;
  }
}
