import { type Header, NO_HEADERS, Schema, type SourcePartition, type SourceRecord } from '@tributary/api';
import type { Entry } from './entry.ts';
import type { Feed } from './feed.ts';
import { gapSchema, gapValue } from './gap.ts';

export interface Topics {
  readonly topic: string;
  readonly gaps: string | null;
  readonly malformed: string | null;
}

/** The header of a malformed message that says what is wrong with it. */
export const MALFORMED_HEADER = 'tributary.malformed';

const text = Schema.string();

/** Makes the worker's records of entries. */
export class RecordMaker {
  readonly #feed: Pick<Feed, 'name' | 'keySchema' | 'valueSchema'>;
  readonly #topics: Topics;
  /** One object for each symbol, since each record refers to it. */
  readonly #partitions = new Map<string, SourcePartition>();

  constructor(feed: Pick<Feed, 'name' | 'keySchema' | 'valueSchema'>, topics: Topics) {
    this.#feed = feed;
    this.#topics = topics;
  }

  /** A symbol's source partition. */
  partition(symbol: string): SourcePartition {
    let partition = this.#partitions.get(symbol);
    if (!partition) {
      partition = Object.freeze({ feed: this.#feed.name, symbol });
      this.#partitions.set(symbol, partition);
    }
    return partition;
  }

  records(entries: readonly Entry[]): readonly SourceRecord[] {
    const records: SourceRecord[] = [];
    for (const entry of entries) {
      switch (entry.kind) {
        case 'record':
          records.push(this.#record(entry));
          break;
        case 'gap':
          if (this.#topics.gaps !== null) records.push(this.#gap(entry, this.#topics.gaps));
          break;
        case 'malformed':
          if (this.#topics.malformed !== null) records.push(this.#malformed(entry, this.#topics.malformed));
      }
    }
    return records;
  }

  #record({ item, offset }: Extract<Entry, { kind: 'record' }>): SourceRecord {
    return {
      topic: this.#topics.topic,
      partition: null,
      key: item.key,
      keySchema: this.#feed.keySchema,
      value: item.value,
      valueSchema: this.#feed.valueSchema,
      timestamp: item.time,
      headers: NO_HEADERS,
      sourcePartition: this.partition(item.symbol),
      sourceOffset: offset,
    };
  }

  #gap({ symbol, gap, offset, until }: Extract<Entry, { kind: 'gap' }>, topic: string): SourceRecord {
    return {
      topic,
      partition: null,
      key: symbol,
      keySchema: text,
      value: gapValue(this.#feed.name, gap, until),
      valueSchema: gapSchema,
      timestamp: until,
      headers: NO_HEADERS,
      sourcePartition: offset && this.partition(symbol),
      sourceOffset: offset,
    };
  }

  #malformed({ malformed }: Extract<Entry, { kind: 'malformed' }>, topic: string): SourceRecord {
    const reason: Header = { key: MALFORMED_HEADER, value: malformed.reason, schema: text };
    return {
      topic,
      partition: null,
      key: null,
      keySchema: null,
      value: malformed.data,
      valueSchema: Schema.bytes(),
      timestamp: Date.now(),
      headers: [reason],
      sourcePartition: null,
      sourceOffset: null,
    };
  }
}
