import type { Clock, SourceRecord } from '@tributary/api';

/** Something that is done again and again, each time when it is due. */
export interface Job {
  /** Milliseconds since 1970. */
  readonly due: number;
  /** True once there is no more to do. */
  readonly done: boolean;
  /** Sets `due` anew. What it throws ends the task. */
  run(signal: AbortSignal): Promise<readonly SourceRecord[]>;
}

/** Runs jobs when they are due, a few at a time, and only while somebody asks for what they bring. */
export class Scheduler {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #signal: AbortSignal;
  /** A heap: each job is due no later than the two behind it. */
  readonly #heap: Job[] = [];
  readonly #removed = new WeakSet<Job>();
  #running = 0;
  #finished: SourceRecord[] = [];
  #failure: { readonly error: unknown } | null = null;
  #wake: () => void = () => {};

  /** @param limit how many run at a time */
  constructor(clock: Clock, limit: number, signal: AbortSignal) {
    this.#clock = clock;
    this.#limit = limit;
    this.#signal = signal;
  }

  add(job: Job): void {
    this.#heap.push(job);
    this.#up(this.#heap.length - 1);
    this.#wake();
  }

  /** What a job that runs brings still counts. */
  remove(job: Job): void {
    this.#removed.add(job);
  }

  /**
   * Runs jobs until some have brought records.
   * @returns null when there are no more jobs, or the signal aborts
   * @throws what a job throws
   */
  async next(): Promise<readonly SourceRecord[] | null> {
    while (!this.#signal.aborted) {
      const due = this.#start();
      if (this.#failure) throw this.#failure.error;
      if (this.#finished.length > 0) {
        const records = this.#finished;
        this.#finished = [];
        return records;
      }
      if (this.#running === 0 && due === null) return null;
      await this.#wait(this.#running < this.#limit ? due : null);
    }
    return null;
  }

  /** Starts what is due, as far as there is room. @returns when the next one is due */
  #start(): number | null {
    for (;;) {
      const job = this.#heap[0];
      if (!job) return null;
      if (this.#removed.has(job)) this.#pop();
      else if (this.#running < this.#limit && job.due <= this.#clock.now()) this.#run(this.#pop());
      else return job.due;
    }
  }

  #run(job: Job): void {
    this.#running++;
    job
      .run(this.#signal)
      .then(
        (records) => {
          for (const record of records) this.#finished.push(record);
          if (!job.done && !this.#removed.has(job)) this.add(job);
        },
        (error: unknown) => {
          this.#failure ??= { error };
        },
      )
      .finally(() => {
        this.#running--;
        this.#wake();
      });
  }

  /** Until a job ends, or one is due. */
  async #wait(due: number | null): Promise<void> {
    const over = new AbortController();
    const stop = (): void => over.abort();
    this.#wake = stop;
    this.#signal.addEventListener('abort', stop, { once: true });
    const milliseconds = due === null ? Number.POSITIVE_INFINITY : Math.max(0, due - this.#clock.now());
    if (milliseconds < Number.POSITIVE_INFINITY) await this.#clock.sleep(milliseconds, over.signal);
    else if (!over.signal.aborted && !this.#signal.aborted)
      await new Promise<void>((done) => over.signal.addEventListener('abort', () => done(), { once: true }));
    this.#signal.removeEventListener('abort', stop);
    this.#wake = () => {};
  }

  #pop(): Job {
    const [first] = this.#heap;
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#down();
    }
    return first!;
  }

  #up(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#heap[parent]!.due <= this.#heap[at]!.due) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #down(): void {
    let at = 0;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < this.#heap.length && this.#heap[child]!.due < this.#heap[least]!.due) least = child;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b]!, this.#heap[a]!];
  }
}
