import type { ProcessUsage, Properties } from '@tributary/services';

/** A store that ticks go to, for this benchmark: a server of its own, and how to look into it. */
export interface BenchStore {
  readonly name: string;
  /** How often it is asked what can be read, ms: the precision of latencies. */
  readonly pollMs: number;
  /** Of its server, so far. */
  usage(): ProcessUsage | undefined;
  /** Makes an empty table for ticks. */
  createTable(table: string): Promise<void>;
  /** The config of our sink, without name and topics. */
  sinkConfig(topic: string, table: string): Properties;
  /** The program that does the same by the bare driver, a file of `bare/`, and what it is told. */
  readonly bare: { readonly file: string; readonly args: Readonly<Record<string, unknown>> };
  /** The event times, microseconds, of the ticks of `symbol` from `sinceMicros` on that can be read. */
  readable(table: string, symbol: string, sinceMicros: number): Promise<readonly number[]>;
  /** The number of rows. Takes its time. */
  count(table: string): Promise<number>;
  dropTable(table: string): Promise<void>;
  stop(): Promise<void>;
}
