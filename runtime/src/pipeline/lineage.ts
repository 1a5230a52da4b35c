import type { ConnectRecord } from '@tributary/api';
import type { ChainObserver } from './chain.ts';
import type { Failure } from './errors.ts';

/** What a transform made of a record. */
export interface StepState {
  readonly transform: string;
  readonly record: ConnectRecord;
}

/** Where a record's way through the chain ended. */
export interface Ending {
  readonly steps: readonly StepState[];
  /** The transform that dropped it, or failed on it. */
  readonly transform: string;
  /** Null if it was dropped. */
  readonly failure: Failure | null;
}

/** Follows one record, and all that become of it, through a chain of transforms. */
export class Lineage implements ChainObserver {
  readonly #takeFailure: () => Failure | null;
  readonly endings: Ending[] = [];
  #transform = '';
  /** For each record that came to the present transform, the steps before it. */
  #before: ReadonlyArray<readonly StepState[]> = [];
  /** For each record that left it. */
  #after: Array<readonly StepState[]> = [[]];
  #at = 0;

  /** @param takeFailure gives the failure of the record that was just handled, if it failed */
  constructor(takeFailure: () => Failure | null) {
    this.#takeFailure = takeFailure;
  }

  /** The steps of the records that came out, in their order. Steps whose predicate did not hold are left out. */
  get survivors(): ReadonlyArray<readonly StepState[]> {
    return this.#after;
  }

  step(alias: string): void {
    this.#transform = alias;
    this.#before = this.#after;
    this.#after = [];
    this.#at = 0;
  }

  made(_record: ConnectRecord, applied: boolean, results: readonly ConnectRecord[]): void {
    const steps = this.#before[this.#at++]!;
    const transform = this.#transform;
    for (const record of results) this.#after.push(applied ? [...steps, { transform, record }] : steps);
    if (results.length === 0) this.endings.push({ steps, transform, failure: this.#takeFailure() });
  }
}
