import type { OffsetAndMetadata, TopicPartition } from '@tributary/api';
import { BrokerError, CommitFailedError } from '../errors.ts';
import type { GroupMembership, GroupOffsets } from '../port.ts';
import { Group, type Member, type Subscription } from './group.ts';
import type { Log } from './log.ts';
import type { PartitionLog } from './partition-log.ts';

/** Beyond this an LMDB key would not hold group and topic. */
const MAX_GROUP_ID_BYTES = 1000;
/** Kafka's default (offset.metadata.max.bytes, which counts characters). */
const MAX_METADATA = 4_096;

/** All consumer groups: their members and their offsets. */
export class Groups implements GroupOffsets {
  readonly #log: Log;
  readonly #groups = new Map<string, Group>();

  constructor(log: Log) {
    this.#log = log;
    for (const { key, value } of log.storage.groups.getRange({})) {
      const [groupId, topic, partition] = key as [string, string, number];
      const stored = typeof value === 'number' ? { offset: value } : value;
      if (log.topics.has(topic)) this.#group(groupId).setOffset({ topic, partition, ...stored });
    }
    log.onTopics(() => this.#topicsChanged());
  }

  async committed(groupId: string): Promise<readonly OffsetAndMetadata[]> {
    return this.#groups.get(groupId)?.offsets() ?? [];
  }

  async alter(groupId: string, offsets: readonly OffsetAndMetadata[]): Promise<void> {
    this.#refuseMembers(groupId);
    for (const { topic, partition } of offsets) this.#log.partition(topic, partition);
    await this.store(groupId, offsets);
  }

  async delete(groupId: string, partitions: readonly TopicPartition[]): Promise<void> {
    this.#refuseMembers(groupId);
    const group = this.#groups.get(groupId);
    if (!group) return;
    const { groups } = this.#log.storage;
    await this.#log.writer.write(() => {
      for (const { topic, partition } of partitions) groups.remove([groupId, topic, partition]);
    });
    for (const at of partitions) group.deleteOffset(at);
  }

  async deleteGroup(groupId: string): Promise<void> {
    this.#refuseMembers(groupId);
    await this.delete(groupId, this.#groups.get(groupId)?.offsets() ?? []);
    if (this.#groups.get(groupId)?.isEmpty) this.#groups.delete(groupId);
  }

  /** @throws BrokerError INVALID_GROUP_ID */
  join(groupId: string, subscription: Subscription): Member {
    if (groupId === '' || Buffer.byteLength(groupId) > MAX_GROUP_ID_BYTES) {
      throw new BrokerError(`Group id ${JSON.stringify(groupId)} is not allowed: 1 to ${MAX_GROUP_ID_BYTES} bytes`, {
        code: 'INVALID_GROUP_ID',
      });
    }
    return this.#group(groupId).join(subscription, this.#log.topics);
  }

  /** Stores offsets without asking for membership. */
  async store(groupId: string, offsets: readonly OffsetAndMetadata[]): Promise<void> {
    this.checkMetadata(groupId, offsets);
    const { write, done } = this.prepare([{ groupId, offsets }]);
    await this.#log.writer.write(write);
    done();
  }

  /** For a transaction: the LMDB writes, and what to do once they are committed. */
  prepare(list: ReadonlyArray<{ readonly groupId: string; readonly offsets: readonly OffsetAndMetadata[] }>): {
    write(): void;
    done(): void;
  } {
    const { groups } = this.#log.storage;
    return {
      write: () => {
        for (const { groupId, offsets } of list) {
          for (const { topic, partition, offset, metadata } of offsets)
            groups.put([groupId, topic, partition], metadata ? { offset, metadata } : offset);
        }
      },
      done: () => {
        for (const { groupId, offsets } of list) for (const at of offsets) this.#group(groupId).setOffset(at);
      },
    };
  }

  /** @throws BrokerError OFFSET_METADATA_TOO_LARGE */
  checkMetadata(groupId: string, offsets: readonly OffsetAndMetadata[]): void {
    for (const { topic, partition, metadata = '' } of offsets) {
      if (metadata.length <= MAX_METADATA) continue;
      throw new BrokerError(
        `The metadata of ${topic}-${partition} in group ${groupId} has ${metadata.length} characters, but at most ${MAX_METADATA} are stored with an offset`,
        { code: 'OFFSET_METADATA_TOO_LARGE' },
      );
    }
  }

  /** @throws CommitFailedError unless this is a current member in its current generation */
  checkMembership({ groupId, memberId, generation }: GroupMembership): void {
    const member = this.#groups.get(groupId)?.member(memberId);
    if (!member) {
      throw new CommitFailedError(`${memberId} is not a member of group ${groupId} any more`, {
        code: 'UNKNOWN_MEMBER_ID',
      });
    }
    if (member.generation !== generation) {
      throw new CommitFailedError(
        `${memberId} of group ${groupId} is in generation ${member.generation}, not ${generation}`,
        { code: 'ILLEGAL_GENERATION' },
      );
    }
  }

  committedAt(groupId: string, at: TopicPartition): OffsetAndMetadata | undefined {
    return this.#groups.get(groupId)?.committed(at);
  }

  partition(at: TopicPartition): PartitionLog | undefined {
    return this.#log.topics.get(at.topic)?.partitions[at.partition];
  }

  #group(groupId: string): Group {
    let group = this.#groups.get(groupId);
    if (!group) {
      group = new Group(groupId);
      this.#groups.set(groupId, group);
    }
    return group;
  }

  #refuseMembers(groupId: string): void {
    const count = this.#groups.get(groupId)?.memberCount ?? 0;
    if (count === 0) return;
    throw new BrokerError(`Group ${groupId} has ${count} active members; stop them first`, {
      code: 'NON_EMPTY_GROUP',
    });
  }

  #topicsChanged(): void {
    for (const group of this.#groups.values()) {
      group.rebalance(this.#log.topics);
      const gone = group.offsets().filter(({ topic }) => !this.#log.topics.has(topic));
      if (gone.length === 0) continue;
      for (const at of gone) group.deleteOffset(at);
      const { groups } = this.#log.storage;
      this.#log.writer
        .write(() => {
          for (const { topic, partition } of gone) groups.remove([group.id, topic, partition]);
        })
        // They are dropped at the next start as well, since their topic is gone.
        .catch(() => {});
    }
  }
}
