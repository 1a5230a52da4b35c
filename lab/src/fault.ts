import type { LinkFault } from '@tributary/services';

/** Something that is done to the cluster, and undone. Workers and brokers are numbered from 1; times are in milliseconds. */
export type Fault =
  /** kill -9, and a start after a while. */
  | { readonly kind: 'worker-kill'; readonly worker: number; readonly forMs: number }
  /** SIGSTOP, then SIGCONT: longer than its session, the worker comes back as a zombie. */
  | { readonly kind: 'worker-freeze'; readonly worker: number; readonly forMs: number }
  /** SIGTERM, and a start after a while. */
  | { readonly kind: 'worker-stop'; readonly worker: number; readonly forMs: number }
  /** A further worker joins, and leaves in order. */
  | { readonly kind: 'worker-join'; readonly worker: number; readonly forMs: number }
  /** The worker does not reach one broker, or none (broker 0). */
  | {
      readonly kind: 'worker-cut';
      readonly worker: number;
      readonly broker: number;
      readonly fault: LinkFault;
      readonly forMs: number;
    }
  | { readonly kind: 'broker-kill'; readonly broker: number; readonly forMs: number }
  | { readonly kind: 'broker-stop'; readonly broker: number; readonly forMs: number }
  | { readonly kind: 'broker-freeze'; readonly broker: number; readonly forMs: number }
  /** kill -9 of all of them at once. */
  | { readonly kind: 'brokers-kill'; readonly forMs: number }
  /** Each put of the appending sink takes so long. */
  | { readonly kind: 'sink-slow'; readonly putMs: number; readonly forMs: number }
  /** PUT /connectors/X/config with a value that is another one. */
  | { readonly kind: 'reconfigure'; readonly connector: string; readonly note: string }
  | { readonly kind: 'scale'; readonly connector: string; readonly tasks: number }
  | { readonly kind: 'pause'; readonly connector: string; readonly forMs: number }
  | { readonly kind: 'restart'; readonly connector: string; readonly includeTasks: boolean }
  | { readonly kind: 'restart-task'; readonly connector: string; readonly task: number }
  /** The source is stopped, its offsets go back, to the beginning (reset) or a part of the way (share), and it goes on. */
  | { readonly kind: 'rewind'; readonly connector: string; readonly share: number };

export type FaultKind = Fault['kind'];

/** A fault in words, for the history. */
export function describe(fault: Fault): string {
  const { kind, ...rest } = fault;
  const details = Object.entries(rest).map(([key, value]) =>
    key === 'forMs' ? `for ${(Number(value) / 1000).toFixed(1)} s` : `${key} ${value}`,
  );
  return [kind, ...details].join(' ');
}
