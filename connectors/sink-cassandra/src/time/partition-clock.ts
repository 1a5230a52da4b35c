import type { SinkRecord } from '@tributary/api';
import { type ClockStates, runsFor } from './clock-text.ts';
import { WriteClock } from './write-clock.ts';
import type { WriteTimes } from './write-times.ts';

/** Where write times come from: the records' timestamps, or a field that the config names. */
export interface TimeSource {
  /** Tells sources apart, also after a restart. */
  readonly name: string;
  /** Microseconds. */
  readonly width: number;
  /** Microseconds since the epoch; null: the record has no time of its own; undefined: it cannot be used, and gets no write time. */
  read(record: SinkRecord): number | null | undefined;
}

interface Checkpoint {
  /** Of the next record. */
  readonly offset: number;
  readonly states: ClockStates;
}

/**
 * The clocks of one partition. Records that come again, after a failure or a restart, get the write times that they had: the clocks'
 * states are kept from the last commit on and from the beginning of the last batch, and committed with the offset.
 */
export class PartitionClock {
  readonly #sources: readonly TimeSource[];
  readonly #most: number;
  #clocks: readonly WriteClock[];
  #next = Number.NEGATIVE_INFINITY;
  #committed: Checkpoint | undefined;
  #batch: Checkpoint | undefined;

  /** @param committed what came with the committed offset */
  constructor(sources: readonly TimeSource[], committed?: Checkpoint) {
    this.#sources = sources;
    this.#most = runsFor(sources.map(({ name }) => name));
    this.#committed = committed;
    this.#clocks = this.#clocksOf(committed?.states);
    if (committed) this.#next = committed.offset;
  }

  /** Gives the records of a batch their write times, in the order of their offsets. @param times by the names of the sources */
  assign(given: readonly SinkRecord[], times: ReadonlyMap<string, WriteTimes>): void {
    const records = this.#withoutTimes(given, times);
    const [first] = records;
    if (first === undefined) return;
    const offset = first.originalOffset;
    const known = this.#committed ? this.#statesAt(offset) : undefined;
    if (offset < this.#next || !known) this.#clocks = this.#clocksOf(known);
    // Of a batch that comes again with others behind it, the beginning stays.
    if (records.length === given.length) this.#batch = { offset, states: this.#states() };
    if (!known) this.#committed = { offset, states: this.#states() };
    for (const [i, source] of this.#sources.entries()) {
      const clock = this.#clocks[i]!;
      const own = times.get(source.name)!;
      for (const record of records) {
        const base = source.read(record);
        if (base !== undefined) own.set(record, clock.next(base));
      }
    }
    this.#next = records.at(-1)!.originalOffset + 1;
  }

  /**
   * Those of a batch that comes again keep their times, which they may be written with. Counted anew they could get others: without the
   * records that were refused meanwhile.
   */
  #withoutTimes(records: readonly SinkRecord[], times: ReadonlyMap<string, WriteTimes>): readonly SinkRecord[] {
    const isNew = records.findIndex(({ originalOffset }) => originalOffset >= this.#next);
    const again = isNew < 0 ? records : records.slice(0, isNew);
    const keep = again.every((record) =>
      this.#sources.every(({ name, read }) => times.get(name)!.get(record) !== undefined || read(record) === undefined),
    );
    return keep ? records.slice(again.length) : records;
  }

  /** The state to keep with an offset that is to be committed. */
  commit(offset: number): ClockStates {
    const states = this.#statesAt(offset) ?? this.#states();
    this.#committed = { offset, states };
    return states;
  }

  /**
   * The state before an offset. Where it is not known exactly, a later one: records from there on then get later write times than they
   * had, in the same order, and so change nothing. From before all that is known, it is as at the beginning of the topic.
   */
  #statesAt(offset: number): ClockStates | undefined {
    if (offset >= this.#next) return this.#states();
    if (this.#committed && offset < this.#committed.offset) return undefined;
    if (offset === this.#committed?.offset) return this.#committed.states;
    if (this.#batch && offset <= this.#batch.offset) return this.#batch.states;
    return this.#states();
  }

  #states(): ClockStates {
    return new Map(this.#sources.map(({ name }, i) => [name, this.#clocks[i]!.state]));
  }

  #clocksOf(states: ClockStates | undefined): readonly WriteClock[] {
    return this.#sources.map(({ name, width }) => new WriteClock(width, states?.get(name), this.#most));
  }
}
