import { sqlError } from './errors.ts';
import type { LockManager, LockOwner } from './locks.ts';
import type { Undo } from './table.ts';

/** What becomes of a transaction, for the ENVCHANGE tokens. */
export type TransactionEvent =
  | { readonly kind: 'begin'; readonly descriptor: bigint }
  | { readonly kind: 'commit' | 'rollback'; readonly descriptor: bigint };

let descriptors = 0n;

/** The transaction of a session: how deep it is, what would take it back, what it has locked. */
export class Transaction {
  /** @@TRANCOUNT */
  count = 0;
  descriptor = 0n;
  /** It can only be rolled back: an error struck inside of TRY with XACT_ABORT on. */
  doomed = false;
  readonly undo: Undo[] = [];
  #name = '';
  readonly #savepoints: { name: string; at: number }[] = [];
  readonly #locks = new Map<string, LockManager>();
  readonly #owner: LockOwner;
  readonly #events: (event: TransactionEvent) => void;

  constructor(owner: LockOwner, events: (event: TransactionEvent) => void) {
    this.#owner = owner;
    this.#events = events;
  }

  begin(name = ''): void {
    this.count++;
    if (this.count > 1) return;
    this.#name = name;
    this.descriptor = ++descriptors;
    this.#events({ kind: 'begin', descriptor: this.descriptor });
  }

  /** @throws SqlError 3902, 3930 */
  commit(): void {
    if (this.count === 0) throw sqlError(3902);
    if (this.doomed) throw sqlError(3930);
    this.count--;
    if (this.count > 0) return;
    this.undo.length = 0;
    this.#end('commit');
  }

  /**
   * Takes back everything, or what came behind a savepoint.
   *
   * @param savepoint its name, or that of the transaction
   *
   * @throws SqlError 3903, 6401
   */
  rollback(savepoint = ''): void {
    if (this.count === 0) throw sqlError(3903);
    if (savepoint !== '' && savepoint.toLowerCase() !== this.#name.toLowerCase()) {
      const found = this.#savepoints.findLastIndex(({ name }) => name.toLowerCase() === savepoint.toLowerCase());
      if (found === -1) throw sqlError(6401, savepoint);
      this.takeBack(this.#savepoints[found]!.at);
      this.#savepoints.length = found + 1;
      return;
    }
    this.takeBack(0);
    this.count = 0;
    this.#end('rollback');
  }

  save(name: string): void {
    if (this.count === 0) throw sqlError(628);
    this.#savepoints.push({ name, at: this.undo.length });
  }

  /** Takes back what was done since the log had that length. */
  takeBack(to: number): void {
    while (this.undo.length > to) this.undo.pop()!();
  }

  /** Ends a statement outside of transactions, whose changes stay. */
  autocommit(): void {
    if (this.count > 0) return;
    this.undo.length = 0;
    this.releaseLocks();
  }

  /** Has a lock released at the end of the transaction. */
  holds(name: string, locks: LockManager): void {
    this.#locks.set(name, locks);
  }

  releaseLocks(): void {
    for (const [name, locks] of this.#locks) locks.release(this.#owner, name);
    this.#locks.clear();
  }

  #end(kind: 'commit' | 'rollback'): void {
    const { descriptor } = this;
    this.descriptor = 0n;
    this.doomed = false;
    this.#savepoints.length = 0;
    this.releaseLocks();
    this.#events({ kind, descriptor });
  }
}
