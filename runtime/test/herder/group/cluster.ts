/**
 * A model of a group of workers, for the assignor: members report what they run, merge what they are assigned and join again at once
 * when something was revoked, as workers do. Each round is checked for what must hold at any time.
 */
import assert from 'node:assert/strict';
import { type AssignmentResult, assign } from '../../../src/herder/group/assignor.ts';
import { type AssignorMemory, EMPTY_MEMORY } from '../../../src/herder/group/assignor-memory.ts';
import { itemsOf } from '../../../src/herder/group/items.ts';
import { shareAfter } from '../../../src/herder/group/share.ts';
import { NO_WORK, type WorkShare } from '../../../src/herder/group/work.ts';

export interface Worker {
  readonly id: string;
  readonly url: string;
  runs: WorkShare;
}

/** What went on until the group was quiet. */
export interface Settled {
  readonly rounds: number;
  /** Keys of what some member was told to stop. */
  readonly revoked: ReadonlySet<string>;
  /** Keys of what some member was told to start. */
  readonly assigned: ReadonlySet<string>;
}

const MOST_ROUNDS = 20;

export class Cluster {
  readonly maxDelayMs: number;
  now = 1_000_000;
  configured: WorkShare = NO_WORK;
  readonly members = new Map<string, Worker>();
  memory: AssignorMemory = EMPTY_MEMORY;
  #generation = 0;
  #joined = 0;
  /** When members are to join again; null when nothing waits. */
  #rejoinAt: number | null = null;
  /** Since when nobody in the group has run an item. */
  readonly #idleSince = new Map<string, number>();

  constructor(maxDelayMs: number) {
    this.maxDelayMs = maxDelayMs;
  }

  get workers(): Worker[] {
    return [...this.members.values()];
  }

  get waits(): boolean {
    return this.#rejoinAt !== null;
  }

  /** Connectors, each with so many tasks. */
  configure(tasks: Readonly<Record<string, number>>): void {
    this.configured = {
      connectors: Object.keys(tasks),
      tasks: Object.entries(tasks).flatMap(([connector, count]) =>
        Array.from({ length: count }, (_, task) => ({ connector, task })),
      ),
    };
  }

  join(url: string, runs: WorkShare = NO_WORK): Worker {
    const worker = { id: `${url}#${this.#joined++}`, url, runs };
    this.members.set(worker.id, worker);
    return worker;
  }

  leave(worker: Worker): void {
    this.members.delete(worker.id);
  }

  /** Another member leads from now on. */
  changeLeader(): void {
    this.memory = EMPTY_MEMORY;
  }

  /** One rebalance, after which members rejoin only if they have to. `misses`: who does not learn of its assignment. */
  round(misses: (worker: Worker) => boolean = () => false): { result: AssignmentResult; again: boolean } {
    this.now += 7;
    const result = assign(this.#input());
    this.#checkRound(result);
    this.memory = result.memory;
    let again = false;
    for (const worker of this.workers) {
      const assignment = result.assignments.get(worker.id)!;
      const missed = misses(worker);
      if (!missed) worker.runs = shareAfter(worker.runs, assignment);
      if (missed || itemsOf(assignment.revoked).size > 0) again = true;
    }
    this.#rejoinAt = result.delayMs === 0 ? null : this.now + result.delayMs;
    return { result, again };
  }

  /** Rounds until nobody has a reason to join again before the delay is over. */
  settle(misses?: (worker: Worker) => boolean): Settled {
    const revoked = new Set<string>();
    const assigned = new Set<string>();
    for (let rounds = 1; ; rounds++) {
      assert(rounds <= MOST_ROUNDS, `still not quiet after ${MOST_ROUNDS} rounds`);
      // Missed assignments must have an end.
      const { result, again } = this.round(rounds < 4 ? misses : undefined);
      for (const assignment of result.assignments.values()) {
        for (const key of itemsOf(assignment.revoked).keys()) revoked.add(key);
        for (const key of itemsOf(assignment.assigned).keys()) assigned.add(key);
      }
      if (again) continue;
      this.#checkQuiet(misses !== undefined);
      return { rounds, revoked, assigned };
    }
  }

  /** Time passes, and the members join again where they were to. */
  pass(ms: number): Settled[] {
    const until = this.now + ms;
    const settled: Settled[] = [];
    while (this.#rejoinAt !== null && this.#rejoinAt <= until) {
      this.now = Math.max(this.now, this.#rejoinAt);
      settled.push(this.settle());
    }
    this.now = Math.max(this.now, until);
    return settled;
  }

  /** Time passes until nothing waits. */
  passAll(): void {
    for (let times = 0; this.#rejoinAt !== null; times++) {
      assert(times < MOST_ROUNDS, 'something waits for ever');
      this.pass(Math.max(0, this.#rejoinAt - this.now));
    }
  }

  /** Members by the keys of what they run. */
  #owners(): Map<string, Worker[]> {
    const pairs = this.workers.flatMap((worker) => [...itemsOf(worker.runs).keys()].map((key) => ({ key, worker })));
    return new Map(
      [...Map.groupBy(pairs, ({ key }) => key)].map(([key, list]) => [key, list.map(({ worker }) => worker)]),
    );
  }

  /** Whether members that did not give up what they should are left in peace for a while. */
  get #withholds(): boolean {
    return this.memory.revocations.againAtMs > this.now;
  }

  #input() {
    return {
      now: this.now,
      maxDelayMs: this.maxDelayMs,
      generation: ++this.#generation,
      members: new Map(this.workers.map(({ id, url, runs }) => [id, { url, assignment: runs }])),
      configured: this.configured,
      memory: this.memory,
    };
  }

  #checkRound({ assignments, delayMs }: AssignmentResult): void {
    assert.deepEqual(new Set(assignments.keys()), new Set(this.members.keys()), 'each member has an assignment');
    assert(delayMs >= 0 && delayMs <= Math.max(this.maxDelayMs, 60_000) && Number.isInteger(delayMs), `${delayMs} ms`);
    const configured = itemsOf(this.configured);
    const given = new Set<string>();
    const owners = this.#owners();
    for (const [id, { assigned, revoked }] of assignments) {
      for (const key of itemsOf(assigned).keys()) {
        assert(configured.has(key), `${key} is not configured, but assigned`);
        assert(!given.has(key), `${key} is assigned twice`);
        assert(!owners.has(key), `${key} is assigned, but still runs`);
        given.add(key);
      }
      for (const key of itemsOf(revoked).keys()) {
        assert(owners.get(key)?.includes(this.members.get(id)!), `${key} is revoked from one that does not run it`);
      }
    }
  }

  #checkQuiet(missed: boolean): void {
    const configured = itemsOf(this.configured);
    const owners = this.#owners();
    for (const [key, list] of owners) {
      assert(configured.has(key) || this.#withholds, `${key} still runs`);
      assert(list.length === 1 || this.#withholds, `${key} runs ${list.length} times`);
    }
    for (const key of this.#idleSince.keys()) if (!configured.has(key)) this.#idleSince.delete(key);
    for (const key of configured.keys()) {
      if (owners.has(key) || missed) this.#idleSince.delete(key);
      else {
        assert(this.waits, `nobody runs ${key}, and nothing waits`);
        const since = this.#idleSince.get(key) ?? this.now;
        this.#idleSince.set(key, since);
        // A few rounds may lie between the loss and its discovery.
        assert(this.now - since <= this.maxDelayMs, `${key} has waited for ${this.now - since} ms`);
      }
    }
    if (!this.waits) for (const counts of this.counts()) assertEven(counts);
  }

  /** How many connectors each member has, and how many tasks. */
  counts(): [number[], number[]] {
    return [this.workers.map(({ runs }) => runs.connectors.length), this.workers.map(({ runs }) => runs.tasks.length)];
  }
}

export function assertEven(counts: readonly number[]): void {
  assert(Math.max(...counts) - Math.min(...counts) <= 1, `uneven: ${counts}`);
}
