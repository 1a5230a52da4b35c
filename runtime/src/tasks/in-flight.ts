import type { RecordToSend } from '../broker/port.ts';
import type { TaskMetrics } from '../metrics/task-metrics.ts';
import type { ByteBudget } from './budget.ts';
import type { Reservation } from './reservation.ts';
import type { Outgoing } from './sends.ts';

/** Records and bytes that one source task may have on their way to the broker: enough to keep it busy, and no more to hold. */
const MAX_RECORDS = 8_000;
const MAX_BYTES = 16 * 1024 * 1024;
/** What a record takes beside its key and value, roughly. */
const RECORD_OVERHEAD = 64;

/** What one send puts on its way. Records that were dropped count: behind a broker that takes nothing they are held, too. */
export interface Load {
  readonly bytes: number;
  readonly records: number;
}

const sizeOf = (records: readonly RecordToSend[]): number =>
  records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0) + RECORD_OVERHEAD, 0);

/** Dead letters take bytes, but are none of the source's records. */
export const loadOf = ({ records, out, letters }: Outgoing): Load => ({
  bytes: sizeOf(out) + sizeOf(letters),
  records: records.length,
});

/** What a source task has on its way to the broker, against its own bound, the worker's budget and the metrics. */
export class InFlight {
  readonly #budget: ByteBudget;
  readonly #metrics: TaskMetrics;
  #bytes = 0;
  #records = 0;
  #room: PromiseWithResolvers<void> | undefined;

  constructor(budget: ByteBudget, metrics: TaskMetrics) {
    this.#budget = budget;
    this.#metrics = metrics;
  }

  get empty(): boolean {
    return this.#bytes === 0 && this.#records === 0;
  }

  fits({ bytes, records }: Load): boolean {
    return this.#bytes + bytes <= MAX_BYTES && this.#records + records <= MAX_RECORDS;
  }

  enter({ bytes, records }: Load, reservation: Reservation): void {
    reservation.spend(bytes);
    this.#bytes += bytes;
    this.#records += records;
    this.#metrics.change('source-record-active-count', records);
  }

  leave({ bytes, records }: Load): void {
    this.#bytes -= bytes;
    this.#records -= records;
    this.#budget.release(bytes);
    this.#metrics.change('source-record-active-count', -records);
  }

  /** Follows a send to its end: what it put on its way leaves, and the metrics tell of it. @throws what the send throws */
  async settled({ records, out, letters }: Outgoing, load: Load, delivery: Promise<unknown>): Promise<void> {
    try {
      await delivery;
    } catch (error) {
      this.leave(load);
      this.#metrics.count('deadletterqueue-produce-failures', letters.length);
      throw error;
    }
    this.leave(load);
    this.#metrics.count('source-record-write-total', out.length);
    const newest = records[records.length - 1]!.timestamp;
    if (newest !== null) this.#metrics.latency('event-to-write-ms', Date.now() - newest, out.length);
  }

  /** Resolves at the next `wake`. */
  whenRoom(): Promise<void> {
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  wake(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
