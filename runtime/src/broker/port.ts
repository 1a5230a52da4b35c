/**
 * The door to the log: what the rest of the runtime knows of Kafka, or of what stands in for it. Types only; the adapters are
 * in `kafka/` and `embedded/`, and one contract suite holds both to what is said here.
 *
 * Offsets and timestamps are numbers: Kafka's are 64 bits wide, but 2^53 records or milliseconds are never reached.
 * Every call that waits for the broker retries what a retry can cure until `signal` or the client's timeout ends it, then
 * throws one of the errors in `errors.ts`.
 */
import type { OffsetAndMetadata, TimestampType, TopicPartition, TopicPartitionOffset } from '@tributary/api';

/** A header as bytes. The list is ordered; keys may repeat, values may be null. */
export interface RawHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface RecordToSend {
  readonly topic: string;
  /** Null: by the hash of the key as Java's default partitioner does (murmur2), or, without a key, spread in batches. */
  readonly partition: number | null;
  readonly key: Uint8Array | null;
  /** Null makes a tombstone. */
  readonly value: Uint8Array | null;
  /** Milliseconds; null: now. */
  readonly timestamp: number | null;
  readonly headers: readonly RawHeader[];
}

/** Key, value and header values may be views on a buffer that many records share: copy what is kept for long. */
export interface RecordRead {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly timestampType: TimestampType;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RawHeader[];
}

export type Isolation = 'read_committed' | 'read_uncommitted';

export interface TopicSpec {
  readonly name: string;
  /** -1: the broker's default. */
  readonly partitions: number;
  /** -1: the broker's default. The embedded log ignores it. */
  readonly replicationFactor: number;
  /** Such as `cleanup.policy: compact`. Unknown keys are kept and shown. */
  readonly configs: Readonly<Record<string, string>>;
}

export interface TopicDescription {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Defaults included. */
  readonly configs: Readonly<Record<string, string>>;
}

export interface Topics {
  /** Creates the topic unless it exists. @returns whether it was created; true too if an answer was lost and it may have been */
  create(topic: TopicSpec): Promise<boolean>;
  /** Missing topics are missing in the answer. */
  describe(names: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>>;
  /** Internal ones (`__consumer_offsets`) are left out. */
  list(): Promise<readonly string[]>;
  /** Deletes the topics that exist. */
  delete(names: readonly string[]): Promise<void>;
  /** The offset after the last record, for every partition; with read_committed, the last stable offset. */
  endOffsets(topic: string, isolation?: Isolation): Promise<readonly TopicPartitionOffset[]>;
  /** The first offset that can still be read, for every partition. */
  beginningOffsets(topic: string): Promise<readonly TopicPartitionOffset[]>;
}

export interface ProducerOptions {
  readonly clientId: string;
  /** Given: the producer is transactional, and creating it fences every earlier one with this id and aborts what that had open. */
  readonly transactionalId?: string;
  /** Default: 60,000. */
  readonly transactionTimeoutMs?: number;
  /** How long a record may take, retries included. Default: without end (as Connect's producers). */
  readonly deliveryTimeoutMs?: number;
  /** Default: none. */
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  /** Bytes of records per request and partition. Default: 1 MiB (a larger single record makes its own). */
  readonly batchBytes?: number;
  /** Further client configs as users give them (`producer.override.*`), by Kafka's names; unknown ones are ignored with a warning by the adapter's caller. */
  readonly overrides?: Readonly<Record<string, string>>;
}

export interface GroupMembership {
  readonly groupId: string;
  readonly memberId: string;
  readonly generation: number;
  readonly groupInstanceId: string | null;
}

/**
 * Writes records, idempotently: a fault neither loses, doubles nor reorders records of a partition, or else the call fails.
 * After a failed call the producer is broken: close it and make another, or `recover`.
 */
export interface Producer {
  /**
   * Resolves when every record is durable (acks=all), with element i the place of record i. Calls may overlap; records
   * of a partition keep the order of the calls. Within one call the embedded log stores all records or none. Missing topics are
   * an error, never created. The records' bytes must not change until it resolves.
   */
  send(records: readonly RecordToSend[]): Promise<readonly TopicPartitionOffset[]>;
  /** @throws BrokerError if the producer is not transactional or already in a transaction */
  begin(): Promise<void>;
  /** Adds consumer offsets to the transaction (KIP-447). */
  sendOffsets(offsets: readonly OffsetAndMetadata[], group: GroupMembership): Promise<void>;
  /** @throws ProducerFencedError */
  commit(): Promise<void>;
  abort(): Promise<void>;
  /**
   * Starts a broken producer anew: calls under way fail, an open transaction is aborted. What had failed may have been stored all the
   * same. A transaction that lasted too long, and that the broker has therefore aborted, is no reason not to go on.
   * @throws ProducerFencedError if another producer has taken over the transactional id; BrokerUnavailableError, after which it may
   *   be called again
   */
  recover(): Promise<void>;
  /** Waits for calls under way (at most `timeoutMs`, default 5,000), then lets go; an open transaction is aborted. */
  close(timeoutMs?: number): Promise<void>;
}

export interface GroupConsumerOptions {
  readonly clientId: string;
  readonly groupId: string;
  /** Exactly one of `topics` and `topicsRegex`. */
  readonly topics?: readonly string[];
  /** Matches whole names; looked at again as topics come and go. */
  readonly topicsRegex?: RegExp;
  readonly groupInstanceId?: string | null;
  /** Default: read_committed. */
  readonly isolation?: Isolation;
  /** Where to start a partition without a committed offset. Default: earliest. `none` throws from `poll`. */
  readonly autoOffsetReset?: 'earliest' | 'latest' | 'none';
  /** Default: 45,000 (Kafka's). */
  readonly sessionTimeoutMs?: number;
  /** Default: 3,000. */
  readonly heartbeatIntervalMs?: number;
  /** The longest time between two polls before the member leaves the group; also the rebalance timeout. Default: 300,000. */
  readonly maxPollIntervalMs?: number;
  /** How often `topicsRegex` and partition counts are looked at again. Default: 300,000. */
  readonly metadataMaxAgeMs?: number;
  /** Bytes that may be fetched ahead of `poll`, over all partitions. A single larger record still comes. Default: 16 MiB. */
  readonly maxBufferedBytes?: number;
  /** Bytes per partition and fetch. Default: 1 MiB. */
  readonly maxPartitionFetchBytes?: number;
  /** Default: 500 ms. */
  readonly fetchMaxWaitMs?: number;
  readonly overrides?: Readonly<Record<string, string>>;
  /**
   * Partitions were assigned; called within `poll`, which waits for it. Only those that are new.
   * @param committed what the group has of them; without those of which it has nothing
   */
  onAssigned?(partitions: readonly TopicPartition[], committed: readonly OffsetAndMetadata[]): void | Promise<void>;
  /** Partitions are about to be taken away; called within `poll`. `commit` still works for them; the group waits (up to its rebalance timeout). */
  onRevoked?(partitions: readonly TopicPartition[]): void | Promise<void>;
  /** Partitions are gone already (session timed out, fenced): `commit` would fail. */
  onLost?(partitions: readonly TopicPartition[]): void | Promise<void>;
}

/** Reads the partitions that a group gives it. Not for concurrent use, as Kafka's consumer: one call at a time. */
export interface GroupConsumer {
  /**
   * Joins the group at first, goes through rebalances, and returns the next records in offset order per partition, possibly of
   * several partitions; none if `timeoutMs` passed without any. Heartbeats go on in the background between polls.
   * A record is returned once, unless `seek` goes back or the partition comes again after a rebalance: where the group's protocol
   * is eager, as Kafka's `range`, all partitions are revoked and those that stay come again, from their committed offset.
   * An aborted `signal`, and `close`, end it early, without records and without an error.
   */
  poll(options: {
    readonly maxRecords: number;
    readonly timeoutMs: number;
    readonly signal?: AbortSignal;
  }): Promise<readonly RecordRead[]>;
  /**
   * Does all that `poll` does but to return records: it waits until there are some. Who has first to find room for them asks this, and
   * neither holds room while it waits nor keeps its group waiting.
   * @returns whether there are records; they may turn out to be none that `poll` shows, such as those of an aborted transaction
   */
  ready(options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<boolean>;
  /**
   * Stores where to go on, as the group's.
   * @throws CommitFailedError if the group has moved on; BrokerError with code OFFSET_METADATA_TOO_LARGE
   */
  commit(offsets: readonly OffsetAndMetadata[]): Promise<void>;
  /** The next `poll` goes on at these offsets; what was fetched ahead is discarded. */
  seek(offsets: readonly TopicPartitionOffset[]): void;
  /** `poll` returns no records of these partitions until `resume`; the member stays in the group. Ends with the assignment. */
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  readonly assignment: readonly TopicPartition[];
  /** For `Producer.sendOffsets`. Null before the first join. */
  readonly membership: GroupMembership | null;
  /**
   * Milliseconds for which the group certainly keeps these partitions for this member although it hears nothing from it: at most the
   * session timeout since the last heartbeat that was acknowledged. At 0 or less they may be another's already: nothing may be done with
   * records before `poll` has heard from the group again.
   */
  readonly leaseMs: number;
  /** Records between the last one returned by `poll` and the end of the partition as last seen. */
  lag(): ReadonlyArray<TopicPartition & { readonly lag: number }>;
  /**
   * Leaves the group at once. Does not commit and calls no listener.
   * @param forGood a static member gives its place up too; otherwise it keeps it for the session timeout. Default: false
   */
  close(forGood?: boolean): Promise<void>;
}

export interface TopicReaderOptions {
  readonly clientId: string;
  readonly topic: string;
  /** Default: read_committed. */
  readonly isolation?: Isolation;
  /** Gets every record from the beginning, in order per partition, then those that follow. Never concurrently. */
  onRecords(records: readonly RecordRead[]): void;
  /** Reading has failed for good. Passing trouble is retried without end and not reported here. */
  onError(error: Error): void;
}

/** Reads all partitions of a compacted topic from the beginning to its end, then follows it. No group. */
export interface TopicReader {
  /**
   * Resolves when `onRecords` has had everything that was in the topic when it was called; with read_committed it waits for the
   * transactions that were open then.
   */
  readToEnd(): Promise<void>;
  close(): Promise<void>;
}

/** The offsets of consumer groups, from outside. */
export interface GroupOffsets {
  /** All committed offsets of the group, with their metadata where that is not empty; none for an unknown group. */
  committed(groupId: string): Promise<readonly OffsetAndMetadata[]>;
  /** @throws BrokerError with code UNKNOWN_MEMBER_ID or NON_EMPTY_GROUP while the group has members */
  alter(groupId: string, offsets: readonly OffsetAndMetadata[]): Promise<void>;
  delete(groupId: string, partitions: readonly TopicPartition[]): Promise<void>;
  /** Unknown groups are no error. @throws BrokerError with code NON_EMPTY_GROUP */
  deleteGroup(groupId: string): Promise<void>;
}

/** A way of sharing out that a member of a group supports, with what the leader needs to know about the member. */
export interface MemberProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

/** A member as its leader sees it. */
export interface JoinedMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly metadata: Buffer;
}

/** A rebalance as its leader sees it. */
export interface GroupRound {
  /** The one that was chosen. */
  readonly protocol: string;
  readonly generation: number;
  readonly members: readonly JoinedMember[];
  /** The leader's member id. */
  readonly leaderId: string;
}

export interface GroupMemberOptions {
  readonly clientId: string;
  readonly groupId: string;
  /** Given: a static member (KIP-345), which has its place again at once after it was killed. */
  readonly groupInstanceId: string | null;
  /** Who may be in the group together: `connect` for workers. */
  readonly protocolType: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** Asked at every join; the first that all members support is chosen. */
  protocols(): readonly MemberProtocol[] | Promise<readonly MemberProtocol[]>;
  /** Asked of the leader: each member's assignment, by member id. */
  assign(round: GroupRound): ReadonlyMap<string, Buffer> | Promise<ReadonlyMap<string, Buffer>>;
  /** The state has changed in the background: to `rebalancing` or `lost`. */
  onChange(): void;
}

export interface Joined {
  readonly protocol: string;
  readonly leader: boolean;
  readonly generation: number;
  readonly assignment: Buffer;
}

/**
 * - `out`: not in the group; `join` brings it in
 * - `joining`: `join` is under way
 * - `stable`: in the group
 * - `rebalancing`: in the group, which waits for `join`
 * - `lost`: the group has given the member up; `join` makes a new one
 */
export type MembershipState = 'out' | 'joining' | 'stable' | 'rebalancing' | 'lost';

/** A member of a group of any protocol type. Heartbeats go on in the background; when to rejoin is its owner's decision. */
export interface GroupMember {
  readonly state: MembershipState;
  /** Why the membership was lost or the group rebalances: an error name or a short text. */
  readonly reason: string;
  /** Joins and waits for the assignment, through as many rebalances as it takes. @throws BrokerError if the group refuses it */
  join(): Promise<Joined>;
  /** Has the group rebalance, because what this member wants or knows has changed. */
  requestRejoin(reason: string): void;
  /**
   * Asks the group now whether this member is in, with what it was last assigned: a process that was stopped and goes on cannot know.
   * False also if the group cannot be asked, or a join is under way. Never throws.
   */
  confirm(): Promise<boolean>;
  /**
   * Leaves the group at once; a static member only stops, and keeps its place for the session timeout.
   * @param forGood a static member gives its place up too
   */
  close(forGood?: boolean): Promise<void>;
}

export interface Broker {
  /** Kafka's cluster id; the embedded log makes its own at first start. */
  readonly clusterId: string;
  /** Whether one `send` without a transaction stores all of its records or none, over all topics. */
  readonly atomicSends: boolean;
  readonly topics: Topics;
  readonly groups: GroupOffsets;
  producer(options: ProducerOptions): Promise<Producer>;
  consumer(options: GroupConsumerOptions): GroupConsumer;
  reader(options: TopicReaderOptions): TopicReader;
  /** A member of a group whose members share out what they like. Null where one process at a time can use the log. */
  readonly member: ((options: GroupMemberOptions) => GroupMember) | null;
  /**
   * The broker for clients with configs of their own: by connections of their own, which the caller closes, if these configs
   * concern connections (`bootstrap.servers`, `security.protocol`, `sasl.*`, `ssl.*` ...); itself otherwise.
   * @throws ConfigError for configs that do not fit, BrokerUnavailableError
   */
  withConfigs(configs: Readonly<Record<string, string>>): Promise<Broker>;
  /** Closes what was made with it and is still open. */
  close(): Promise<void>;
}

export interface BrokerOptions {
  /** Client configs by Kafka's names: `bootstrap.servers`, `security.protocol`, `sasl.*`, `ssl.*`, `request.timeout.ms` ... */
  readonly configs: Readonly<Record<string, string>>;
  readonly clientId: string;
}
