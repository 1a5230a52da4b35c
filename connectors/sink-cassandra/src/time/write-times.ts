import type { SinkRecord } from '@tributary/api';

type Carrier = { [key: symbol]: number | undefined };

/** The write times that records were given by one source. Records carry them: a weak map of so many keeps the garbage collector busy. */
export class WriteTimes {
  readonly #key = Symbol('write time');

  get(record: SinkRecord): number | undefined {
    return (record as unknown as Carrier)[this.#key];
  }

  set(record: SinkRecord, time: number): void {
    (record as unknown as Carrier)[this.#key] = time;
  }
}
