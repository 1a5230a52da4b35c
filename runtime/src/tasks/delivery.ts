import { DataError, FatalError, RetriableError, type SinkRecord } from '@tributary/api';

type Records = readonly SinkRecord[];

/**
 * What became of a batch: taken, apart from errant records; or part of it is to be delivered again, because the sink could not take it
 * now, or (without an error) because nothing may be put before the group was heard again.
 */
export type Delivered =
  | { readonly done: true }
  | { readonly done: false; readonly rest: Records; readonly error: RetriableError | null };

export interface DeliveryOptions {
  put(records: Records): void | Promise<void>;
  /** Takes a record that the sink cannot take. Null: nothing is tolerated, and what `put` throws fails the task. */
  readonly errant: ((record: SinkRecord, error: unknown) => void) | null;
  /** Whether the records are certainly still this task's to put. */
  mayPut(): boolean;
  /** Throws when the task is to stop. */
  check(): void;
}

const DONE: Delivered = { done: true };

/**
 * So many records in a row may fail by themselves with an error that is no DataError before the fault is taken for the sink's and not
 * theirs. Few enough to find out about wrong credentials before a topic has become dead letters.
 */
export const MAX_FAILED_IN_A_ROW = 100;

/**
 * Gives batches to a sink's `put`. Where errors are tolerated, a batch that fails is divided until the records are found which the
 * sink cannot take, so that the others are stored; sinks must bear to get records again in any case.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  #failedInARow = 0;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** @throws what `put` throws, if it is not tolerated or no record's fault */
  async deliver(records: Records): Promise<Delivered> {
    const { put, errant, mayPut } = this.#options;
    if (!mayPut()) return { done: false, rest: records, error: null };
    try {
      await put(records);
      this.#failedInARow = 0;
      return DONE;
    } catch (error) {
      if (error instanceof RetriableError) return { done: false, rest: records, error };
      if (errant === null || error instanceof FatalError) throw error;
      return this.#divide(records, error, errant);
    }
  }

  async #divide(
    records: Records,
    first: unknown,
    errant: (record: SinkRecord, error: unknown) => void,
  ): Promise<Delivered> {
    const { put, check, mayPut } = this.#options;
    const culprits: Array<readonly [SinkRecord, unknown]> = [];
    const blame = (record: SinkRecord, error: unknown): void => {
      if (!(error instanceof DataError) && ++this.#failedInARow > MAX_FAILED_IN_A_ROW) throw error;
      culprits.push([record, error]);
    };
    // The next part to try is the last one.
    const todo: Records[] = [];
    const split = (part: Records, error: unknown): void => {
      const half = part.length >>> 1;
      if (half === 0) blame(part[0]!, error);
      else todo.push(part.slice(half), part.slice(0, half));
    };
    const later = (part: Records, error: RetriableError | null): Delivered => {
      const rest = [...culprits.map(([record]) => record), ...part, ...todo.reverse().flat()];
      return { done: false, rest, error };
    };
    split(records, first);
    for (let part = todo.pop(); part; part = todo.pop()) {
      check();
      if (!mayPut()) return later(part, null);
      try {
        await put(part);
        this.#failedInARow = 0;
      } catch (error) {
        if (error instanceof RetriableError) return later(part, error);
        if (error instanceof FatalError) throw error;
        split(part, error);
      }
    }
    for (const [record, error] of culprits) errant(record, error);
    return DONE;
  }
}
