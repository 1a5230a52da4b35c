/** What is known of the cluster: its brokers, the partitions of topics and their leaders, and who coordinates what. */

import { BrokerError } from '../errors.ts';
import type { Address, BrokerConnection } from './connection.ts';
import { ConnectionPool } from './connection-pool.ts';
import { ConnectionSet } from './connection-set.ts';
import { check, errorName, isPassingError, refusal, TransientFault } from './faults.ts';
import { findCoordinatorV3, metadataV9 } from './library.ts';
import { pause, type RetryOptions, retrying } from './retry.ts';
import type { ClientSettings } from './settings.ts';

export interface PartitionInfo {
  /** -1 while there is none. */
  readonly leader: number;
  readonly replicas: number;
}

export interface TopicInfo {
  readonly name: string;
  readonly internal: boolean;
  /** By partition number. */
  readonly partitions: readonly PartitionInfo[];
  /** `performance.now()` of the answer. */
  readonly seenAt: number;
}

export type CoordinatorKind = 'group' | 'transaction';

/** A topic just created may be unknown to a broker for a moment: so long is it looked for before it counts as missing. */
const MISSING_TOPIC_PATIENCE_MS = 1_000;
/** Connections to each broker over which all consumers talk with their group coordinators. */
const COORDINATION_CONNECTIONS = 8;

export class Cluster {
  readonly settings: ClientSettings;
  /** For the heartbeats and commits of consumers. */
  readonly coordination: ConnectionPool;
  readonly #connections: ConnectionSet;
  readonly #closing = new AbortController();
  readonly #topics = new Map<string, TopicInfo>();
  readonly #brokers = new Map<number, Address>();
  readonly #coordinators = new Map<string, number>();
  /** Topics that the cluster will not tell us about, with the error name. */
  readonly #refused = new Map<string, string>();
  readonly #wanted = new Set<string>();
  #refreshing: Promise<void> | undefined;
  #clusterId = '';
  #controller = -1;
  #bootstrap: BrokerConnection | undefined;

  constructor(settings: ClientSettings) {
    this.settings = settings;
    this.#connections = this.connectionSet(settings.clientId);
    this.coordination = new ConnectionPool(COORDINATION_CONNECTIONS, () => this.connectionSet(settings.clientId));
  }

  get clusterId(): string {
    return this.#clusterId;
  }

  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** An own set of connections, one per broker, closed by its owner. */
  connectionSet(clientId: string, requestTimeoutMs: number = this.settings.requestTimeoutMs): ConnectionSet {
    const { connectTimeoutMs, tls, sasl } = this.settings;
    const settings = { clientId, connectTimeoutMs, requestTimeoutMs, tls, sasl };
    return new ConnectionSet(settings, (node) => this.#address(node));
  }

  #address(node: number): Address {
    const address = this.#brokers.get(node);
    if (!address) throw new TransientFault(`broker ${node} is not known`);
    return address;
  }

  /** How often and how long to try, for an operation without an own limit. */
  patience(doing: string, signal?: AbortSignal, timeoutMs: number = this.settings.apiTimeoutMs): RetryOptions {
    return { doing, backoff: this.settings.backoff, timeoutMs, signal: signal ?? this.#closing.signal };
  }

  /** Finds the cluster. */
  async connect(): Promise<void> {
    await retrying(this.patience(`Connecting to ${this.#bootstrapNames()}`), () => this.#metadata([]));
  }

  /** The names of all topics. */
  async allTopics(): Promise<readonly TopicInfo[]> {
    const names = await this.#metadata(null);
    return names.map((name) => this.#topics.get(name)).filter((topic) => topic !== undefined);
  }

  /** What was last seen, however old. */
  cached(topic: string): TopicInfo | undefined {
    return this.#topics.get(topic);
  }

  /** Looks at the topics anew, once for all who ask at the same time. Missing ones are forgotten. @throws TransientFault */
  refresh(topics: Iterable<string>): Promise<void> {
    for (const topic of topics) this.#wanted.add(topic);
    this.#refreshing ??= (async () => {
      await pause(0);
      this.#refreshing = undefined;
      const names = [...this.#wanted];
      this.#wanted.clear();
      await this.#metadata(names);
    })();
    return this.#refreshing;
  }

  /**
   * The topic, from memory unless that is older than `metadata.max.age.ms`.
   * @throws BrokerError UNKNOWN_TOPIC_OR_PARTITION when it is missing
   */
  async topic(name: string, doing: string, signal?: AbortSignal, timeoutMs?: number): Promise<TopicInfo> {
    const known = this.#topics.get(name);
    if (known && performance.now() - known.seenAt < this.settings.metadataMaxAgeMs) return known;
    let missingSince: number | undefined;
    return retrying(this.patience(doing, signal, timeoutMs), async () => {
      await this.refresh([name]);
      const topic = this.#topics.get(name);
      if (topic) return topic;
      this.checkAllowed(name, doing);
      missingSince ??= performance.now();
      if (performance.now() - missingSince > MISSING_TOPIC_PATIENCE_MS) throw missingTopic(doing, name);
      throw new TransientFault(`topic ${name} does not exist`, { delayMs: 100 });
    });
  }

  /** @throws BrokerError if the cluster refused to tell about the topic, such as TOPIC_AUTHORIZATION_FAILED */
  checkAllowed(topic: string, doing: string): void {
    const error = this.#refused.get(topic);
    if (error) throw refusal(doing, error, `topic ${topic}`);
  }

  /** @throws TransientFault while the partition has no leader that is known */
  leader(topic: string, partition: number): number {
    const leader = this.#topics.get(topic)?.partitions[partition]?.leader ?? -1;
    if (leader < 0) throw new TransientFault(`partition ${topic}-${partition} has no known leader`);
    return leader;
  }

  /** A connection to any broker, for requests that all of them answer. */
  async any(): Promise<BrokerConnection> {
    if (this.#bootstrap?.usable) return this.#bootstrap;
    const faults: unknown[] = [];
    const nodes = [...this.#brokers.keys()].sort(() => Math.random() - 0.5);
    for (const node of nodes) {
      try {
        return await this.#connections.get(node);
      } catch (error) {
        if (!(error instanceof TransientFault)) throw error;
        faults.push(error);
      }
    }
    for (const address of [...this.settings.bootstrap].sort(() => Math.random() - 0.5)) {
      try {
        this.#bootstrap = await this.#connections.open(address);
        return this.#bootstrap;
      } catch (error) {
        if (!(error instanceof TransientFault)) throw error;
        faults.push(error);
      }
    }
    throw faults.at(-1);
  }

  async controller(): Promise<BrokerConnection> {
    return this.#brokers.has(this.#controller) ? this.#connections.get(this.#controller) : this.any();
  }

  node(node: number): Promise<BrokerConnection> {
    return this.#connections.get(node);
  }

  /** The broker that coordinates the group or transactional id. @throws TransientFault */
  async coordinator(kind: CoordinatorKind, key: string): Promise<number> {
    const known = this.#coordinators.get(`${kind}:${key}`);
    if (known !== undefined) return known;
    const connection = await this.any();
    const response = await connection.call(findCoordinatorV3.api, kind === 'group' ? 0 : 1, [key]);
    const found = response.coordinators[0];
    if (!found) throw new TransientFault(`no coordinator for ${kind} ${key}`);
    check(`Finding the coordinator of ${kind} ${key}`, found.errorCode, found.errorMessage);
    this.#brokers.set(found.nodeId, { host: found.host, port: found.port });
    this.#coordinators.set(`${kind}:${key}`, found.nodeId);
    return found.nodeId;
  }

  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.#coordinators.delete(`${kind}:${key}`);
  }

  close(): void {
    this.#closing.abort();
    this.#bootstrap?.close();
    this.coordination.close();
    this.#connections.close();
  }

  #bootstrapNames(): string {
    return this.settings.bootstrap.map(({ host, port }) => `${host}:${port}`).join(',');
  }

  /** @returns the names of the topics in the answer */
  async #metadata(topics: readonly string[] | null): Promise<string[]> {
    const connection = await this.any();
    const response = await connection.call(metadataV9.api, topics === null ? null : [...topics], false, false, false);
    const now = performance.now();
    this.#clusterId = response.clusterId ?? '';
    this.#controller = response.controllerId;
    if (response.brokers.length > 0) {
      this.#brokers.clear();
      for (const { nodeId, host, port } of response.brokers) this.#brokers.set(nodeId, { host, port });
    }
    if (topics === null) this.#topics.clear();
    const names: string[] = [];
    for (const topic of response.topics) {
      const name = topic.name ?? '';
      if (topic.errorCode !== 0) {
        const error = errorName(topic.errorCode);
        if (error === 'UNKNOWN_TOPIC_OR_PARTITION') this.#topics.delete(name);
        else if (!isPassingError(error)) this.#refused.set(name, error);
        continue;
      }
      this.#refused.delete(name);
      const partitions: PartitionInfo[] = [];
      for (const { partitionIndex, leaderId, errorCode, replicaNodes } of topic.partitions) {
        const leader = errorName(errorCode) === 'LEADER_NOT_AVAILABLE' ? -1 : leaderId;
        partitions[partitionIndex] = { leader, replicas: replicaNodes.length };
      }
      this.#topics.set(name, { name, internal: topic.isInternal, partitions, seenAt: now });
      names.push(name);
    }
    return names;
  }
}

export function missingTopic(doing: string, topic: string): BrokerError {
  return new BrokerError(`${doing} failed: topic ${topic} does not exist; create it first`, {
    code: 'UNKNOWN_TOPIC_OR_PARTITION',
  });
}
