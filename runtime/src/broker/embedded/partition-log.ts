import type { StoredPartition } from './storage.ts';
import type { TopicRules } from './topic-configs.ts';

/** Offsets that were given out and are not stored yet, or never will be: reading stops before the first of them. */
export interface Reservation {
  readonly first: number;
  /** Whether a transaction holds it, rather than a write under way. */
  readonly transactional: boolean;
}

/** One partition in memory: which offsets exist, which may be read, and who waits for more. */
export class PartitionLog {
  readonly topic: string;
  readonly topicId: number;
  readonly partition: number;
  readonly rules: TopicRules;
  /** The first offset that can be read. */
  begin: number;
  /** The next offset to be given out. */
  next: number;
  /** The offset after the last one stored. */
  storedNext: number;
  /** Of the batches stored. */
  bytes: number;
  /** The last stable offset: everything before it is stored or will never be. */
  stable: number;
  deleted = false;
  /** How far compaction has been, and the bytes left then. */
  compactedTo = 0;
  compactedBytes = 0;
  readonly #reservations = new Set<Reservation>();
  readonly #listeners = new Set<() => void>();

  constructor(topic: string, topicId: number, partition: number, rules: TopicRules, stored: StoredPartition) {
    this.topic = topic;
    this.topicId = topicId;
    this.partition = partition;
    this.rules = rules;
    this.begin = stored.begin;
    this.next = stored.next;
    this.storedNext = stored.next;
    this.stable = stored.next;
    this.bytes = stored.bytes;
  }

  /** The high watermark: the offset up to which everything is stored that does not hang on a transaction. */
  get end(): number {
    let end = this.next;
    for (const held of this.#reservations) if (!held.transactional && held.first < end) end = held.first;
    return end;
  }

  get stored(): StoredPartition {
    return { begin: this.begin, next: this.storedNext, bytes: this.bytes };
  }

  reserve(reservation: Reservation): void {
    this.#reservations.add(reservation);
  }

  release(reservation: Reservation): void {
    this.#reservations.delete(reservation);
    let stable = this.next;
    for (const held of this.#reservations) if (held.first < stable) stable = held.first;
    if (stable === this.stable) return;
    this.stable = stable;
    this.wake();
  }

  /** Calls back whenever there may be more to read, or the partition is gone. */
  listen(listener: () => void): void {
    this.#listeners.add(listener);
  }

  unlisten(listener: () => void): void {
    this.#listeners.delete(listener);
  }

  wake(): void {
    for (const listener of this.#listeners) listener();
  }
}
