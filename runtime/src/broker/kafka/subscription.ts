/** Which topics a member wants and, if it leads, what the group's topics look like: both are looked at again and again. */
import type { GroupConsumerOptions, JoinedMember, MemberProtocol } from '../port.ts';
import { ASSIGNORS } from './assignors.ts';
import type { Cluster } from './cluster.ts';
import { decodeSubscription, encodeAssignment, encodeSubscription } from './consumer-protocol.ts';
import type { ConsumerSettings } from './consumer-settings.ts';
import { TransientFault } from './faults.ts';

/** How soon to look again for a topic that is wanted but missing. */
const MISSING_TOPIC_MS = 1_000;

export class Subscription {
  readonly #cluster: Cluster;
  readonly #settings: ConsumerSettings;
  readonly #topics: readonly string[];
  readonly #pattern: RegExp | null;
  /** As told to the group at the last join. */
  #wanted: readonly string[] = [];
  /** Partition counts by which this member, as the leader, assigned; 0 for missing topics. */
  #counts = new Map<string, number>();
  #leader = false;
  #lookedAt = performance.now();
  #looking = false;

  constructor(cluster: Cluster, options: GroupConsumerOptions, settings: ConsumerSettings) {
    this.#cluster = cluster;
    this.#settings = settings;
    this.#topics = options.topics ?? [];
    const { topicsRegex } = options;
    this.#pattern = topicsRegex
      ? new RegExp(`^(?:${topicsRegex.source})$`, topicsRegex.flags.replace(/[gy]/g, ''))
      : null;
  }

  async protocols(): Promise<MemberProtocol[]> {
    this.#wanted = await this.#resolve();
    const metadata = encodeSubscription(this.#wanted);
    return this.#settings.assignors.map((name) => ({ name, metadata }));
  }

  /** Shares out the partitions, for a member that leads. */
  async assign(protocol: string, members: readonly JoinedMember[]): Promise<ReadonlyMap<string, Buffer>> {
    const assignor = ASSIGNORS[protocol];
    if (!assignor) throw new TransientFault(`the group chose the protocol ${protocol}, which is not ours`);
    const subscribers = members.map(({ memberId, groupInstanceId, metadata }) => ({
      memberId,
      groupInstanceId,
      topics: decodeSubscription(metadata),
    }));
    this.#counts = await this.#count(new Set(subscribers.flatMap(({ topics }) => topics)));
    const shares = assignor(subscribers, this.#counts);
    return new Map([...shares].map(([memberId, partitions]) => [memberId, encodeAssignment(partitions)]));
  }

  joined(leader: boolean): void {
    this.#leader = leader;
    this.#lookedAt = performance.now();
  }

  /** In the background, if it is time; tells what has changed. */
  lookAgain(onChange: (reason: string) => void): void {
    const missing = this.#leader && [...this.#counts.values()].includes(0);
    const interval = missing
      ? Math.min(MISSING_TOPIC_MS, this.#settings.metadataMaxAgeMs)
      : this.#settings.metadataMaxAgeMs;
    if (this.#looking || performance.now() - this.#lookedAt < Math.max(interval, 10)) return;
    this.#looking = true;
    this.#change()
      .then((reason) => {
        if (reason) onChange(reason);
      })
      .catch(() => {
        // The brokers cannot be reached: the next time will do.
      })
      .finally(() => {
        this.#looking = false;
        this.#lookedAt = performance.now();
      });
  }

  async #change(): Promise<string | undefined> {
    const wanted = await this.#resolve();
    if (wanted.join() !== this.#wanted.join()) return 'the topics that match have changed';
    if (!this.#leader) return undefined;
    const before = this.#counts;
    const counts = await this.#count(before.keys());
    const changed = [...counts].find(([topic, count]) => before.get(topic) !== count);
    return changed && `topic ${changed[0]} has ${changed[1]} partitions now`;
  }

  async #resolve(): Promise<string[]> {
    if (!this.#pattern) return [...this.#topics].sort();
    const topics = await this.#cluster.allTopics();
    return topics
      .filter(({ name, internal }) => !internal && this.#pattern!.test(name))
      .map(({ name }) => name)
      .sort();
  }

  async #count(topics: Iterable<string>): Promise<Map<string, number>> {
    const names = [...topics];
    if (names.length > 0) await this.#cluster.refresh(names);
    return new Map(names.map((name) => [name, this.#cluster.cached(name)?.partitions.length ?? 0]));
  }
}
