import { randomUUID } from 'node:crypto';
import type { OffsetAndMetadata, TopicPartition } from '@tributary/api';
import { rangeAssign } from './assignor.ts';

export interface Subscription {
  readonly clientId: string;
  readonly groupInstanceId: string | null;
  /** Whether the member reads a topic. */
  readonly matches: (topic: string) => boolean;
  /** Something changed that the member's next `poll` has to look at. */
  readonly wake: () => void;
}

type Topics = ReadonlyMap<string, { readonly partitions: { readonly length: number } }>;

export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** A member as its group sees it. What it holds and what it should hold come together step by step, within its polls. */
export class Member {
  readonly id: string;
  readonly subscription: Subscription;
  /** The generation that the member has seen. */
  generation = 0;
  /** What it has; nobody else gets these before it gives them up. */
  readonly held = new Map<string, TopicPartition>();
  /** What it shall have. */
  target: ReadonlyMap<string, TopicPartition> = new Map();
  /** Another member with the same group instance id has taken its place. */
  fenced = false;
  readonly #group: Group;

  constructor(group: Group, subscription: Subscription) {
    this.#group = group;
    this.id = `${subscription.clientId}-${randomUUID()}`;
    this.subscription = subscription;
  }

  get active(): boolean {
    return this.#group.member(this.id) === this;
  }

  /** Whether the member has steps to take. */
  get unsettled(): boolean {
    return (
      this.generation !== this.#group.generation || this.toRevoke().length > 0 || this.#group.available(this).length > 0
    );
  }

  toRevoke(): TopicPartition[] {
    return [...this.held].filter(([key]) => !this.target.has(key)).map(([, at]) => at);
  }

  /** Enters the group's generation and takes what is free of the target. @returns the partitions that are new */
  advance(): TopicPartition[] {
    this.generation = this.#group.generation;
    const taken = this.#group.available(this);
    for (const at of taken) this.held.set(keyOf(at), at);
    return taken;
  }

  /** Gives partitions up, for others to take. */
  release(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) this.held.delete(keyOf(at));
    this.#group.wakeOthers(this);
  }

  /** Whether another member has the partition. */
  heldByOther(at: TopicPartition): boolean {
    return this.#group.holder(at, this) !== undefined;
  }

  leave(topics: Topics): void {
    this.#group.leave(this, topics);
  }
}

/**
 * A consumer group in this process. Rebalances are incremental: a change makes a new generation with a new target for every
 * member; each gives up what it shall not have any more, in its own time, and takes what the others have given up.
 */
export class Group {
  readonly id: string;
  generation = 0;
  /** In the order of joining, which is the order of the assignment: those who stay keep most of what they have. */
  readonly #members = new Map<string, Member>();
  readonly #offsets = new Map<string, OffsetAndMetadata>();
  #layout = '';

  constructor(id: string) {
    this.id = id;
  }

  get memberCount(): number {
    return this.#members.size;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0 && this.#offsets.size === 0;
  }

  member(id: string): Member | undefined {
    return this.#members.get(id);
  }

  join(subscription: Subscription, topics: Topics): Member {
    const { groupInstanceId } = subscription;
    if (groupInstanceId !== null) {
      for (const earlier of this.#members.values()) {
        if (earlier.subscription.groupInstanceId !== groupInstanceId) continue;
        earlier.fenced = true;
        this.#members.delete(earlier.id);
        earlier.subscription.wake();
      }
    }
    const member = new Member(this, subscription);
    this.#members.set(member.id, member);
    this.rebalance(topics);
    return member;
  }

  leave(member: Member, topics: Topics): void {
    if (!this.#members.delete(member.id)) return;
    this.rebalance(topics);
  }

  /** Sets new targets where members, topics or partition counts have changed. */
  rebalance(topics: Topics): void {
    const members = [...this.#members.values()].map((member) => ({
      id: member.id,
      topics: new Set([...topics.keys()].filter(member.subscription.matches)),
    }));
    const counts = new Map<string, number>();
    for (const [name, { partitions }] of topics) {
      if (members.some((member) => member.topics.has(name))) counts.set(name, partitions.length);
    }
    // What is left of a deleted topic is not the topic of the same name that follows it: layouts differ by members and counts only.
    const layout = JSON.stringify([members.map(({ id, topics }) => [id, [...topics]]), [...counts]]);
    if (layout === this.#layout) return;
    this.#layout = layout;
    this.generation++;
    for (const [id, partitions] of rangeAssign(members, counts)) {
      this.#members.get(id)!.target = new Map(partitions.map((at) => [keyOf(at), at]));
    }
    for (const member of this.#members.values()) member.subscription.wake();
  }

  /** What of its target a member can take now. */
  available(member: Member): TopicPartition[] {
    return [...member.target]
      .filter(([key, at]) => !member.held.has(key) && this.holder(at, member) === undefined)
      .map(([, at]) => at);
  }

  holder(at: TopicPartition, except: Member): Member | undefined {
    const key = keyOf(at);
    for (const other of this.#members.values()) if (other !== except && other.held.has(key)) return other;
    return undefined;
  }

  wakeOthers(member: Member): void {
    for (const other of this.#members.values()) if (other !== member) other.subscription.wake();
  }

  committed(at: TopicPartition): OffsetAndMetadata | undefined {
    return this.#offsets.get(keyOf(at));
  }

  offsets(): OffsetAndMetadata[] {
    return [...this.#offsets.values()];
  }

  setOffset({ topic, partition, offset, metadata }: OffsetAndMetadata): void {
    this.#offsets.set(keyOf({ topic, partition }), { topic, partition, offset, ...(metadata && { metadata }) });
  }

  deleteOffset(at: TopicPartition): void {
    this.#offsets.delete(keyOf(at));
  }
}
