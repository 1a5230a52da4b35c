import type { ProcessUsage } from './usage.ts';

/** A running server of one process: to look at, to kill and to start again. */
export interface ServerHandle {
  /** The pid of its process; after a restart another one. */
  readonly pid: number;
  /** Whether its process lives; a stopped (SIGSTOP) one does. */
  readonly running: boolean;
  /** What it has logged over all its starts. */
  readonly logFile: string;
  /** Kills it with SIGKILL; its data, if it keeps any, stays for `restart`. */
  kill(): Promise<void>;
  /** Starts it again on the same data, settings and ports, after an orderly shutdown if it runs, and waits until it is ready. */
  restart(): Promise<void>;
  /** CPU seconds and memory of its present process, also after its end. Linux only. */
  usage(): ProcessUsage | undefined;
}

/** One that keeps data, and can be made to hang. */
export interface StoreHandle extends ServerHandle {
  /** Where it keeps its data; Kafka's `log.dirs`. */
  readonly dataDir: string;
  /** Sends a signal, for example SIGSTOP to make it hang and SIGCONT to let it go on. */
  signal(signal: NodeJS.Signals): void;
}
