import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Broker, type BrokerHandle, type ClusterLayout, type NodeAddress, type NodeLink } from './broker.ts';
import { type JavaServerOptions, javaServerSettings } from './java-server.ts';
import { Link } from './link.ts';
import { freePorts, isPortFree, LOOPBACK, retryWhenPortTaken } from './ports.ts';
import type { Properties } from './properties.ts';

const DEFAULT_HEAP_MB = 512;

/** Options of {@link kafka}. */
export interface KafkaOptions extends JavaServerOptions {
  /** How many brokers, each a controller too. Default 1. With 3, topics have 3 replicas and need 2 in sync. */
  readonly brokers?: 1 | 3;
  /** The first broker's client port; a second and third take the next ones. Default: free ports. */
  readonly port?: number;
  /**
   * Broker properties over ours. Ours differ from Kafka's defaults in `group.initial.rebalance.delay.ms=0` (Kafka's: 3000),
   * four partitions for the internal topics, and replication factors that fit the number of brokers.
   */
  readonly properties?: Properties;
  /**
   * Names of further ways to the brokers, in capitals and digits: clients that come by one go through a proxy to each broker, also
   * after they have read the metadata, so that each client's network can be cut without touching the others'.
   */
  readonly links?: readonly string[];
  /** Keeps the data here, also after `stop()`. Default: a temporary folder that `stop()` removes. */
  readonly dataDir?: string;
}

/** One of the further ways to the brokers. */
export interface KafkaLink {
  /** For `bootstrap.servers` of the clients that come by it. */
  readonly bootstrap: string;
  /** The way to each broker, in the order of `brokers`. */
  readonly toBrokers: readonly Link[];
}

/** A running Kafka cluster. */
export interface KafkaHandle extends AsyncDisposable {
  /** For `bootstrap.servers`: `host:port`, separated by commas. */
  readonly bootstrap: string;
  readonly brokers: readonly BrokerHandle[];
  /** The further ways to the brokers, by name. */
  readonly links: ReadonlyMap<string, KafkaLink>;
  /** The pid of the first broker. */
  readonly pid: number;
  /** `log.dirs` of the first broker. */
  readonly dataDir: string;
  /** The log of the first broker. */
  readonly logFile: string;
  /** Ends the cluster for good; a temporary data folder is removed. */
  stop(): Promise<void>;
  /** Kills every broker with SIGKILL; the data stays, for `restart`. */
  kill(): Promise<void>;
  /**
   * Brings every broker up again on the same data and ports and waits until the cluster is ready. Brokers that are down start
   * together; those that run are restarted one after the other.
   */
  restart(): Promise<void>;
}

/**
 * Starts Apache Kafka (KRaft) on loopback and resolves when every broker sees all others and group and transaction
 * coordinators can be found.
 *
 * @throws ServiceStartError with the end of the broker's log.
 */
export async function kafka(options: KafkaOptions = {}): Promise<KafkaHandle> {
  if (options.port) return startCluster(options, await clientPortsFrom(options.port, options.brokers ?? 1));
  return retryWhenPortTaken(async () => startCluster(options, await freePorts(options.brokers ?? 1)));
}

async function clientPortsFrom(first: number, count: number): Promise<number[]> {
  const ports = Array.from({ length: count }, (_, i) => first + i);
  for (const port of ports) {
    if (!(await isPortFree(port))) throw new Error(`Kafka cannot listen on port ${port}: it is in use`);
  }
  return ports;
}

async function startCluster(options: KafkaOptions, clientPorts: readonly number[]): Promise<KafkaHandle> {
  const controllerPorts = await freePorts(clientPorts.length);
  const links = new Map<string, KafkaLink>();
  const nodeLinks: NodeLink[][] = clientPorts.map(() => []);
  for (const name of options.links ?? []) {
    const ports = await freePorts(clientPorts.length);
    const toBrokers = await Promise.all(ports.map((port) => Link.open(port)));
    links.set(name, { bootstrap: toBrokers.map(({ port }) => `${LOOPBACK}:${port}`).join(','), toBrokers });
    for (const [i, link] of toBrokers.entries())
      nodeLinks[i]!.push({ name, port: ports[i]!, advertisedPort: link.port });
  }
  const nodes = clientPorts.map(
    (port, i): NodeAddress => ({ id: i + 1, port, controllerPort: controllerPorts[i]!, links: nodeLinks[i]! }),
  );
  const temporary = options.dataDir === undefined;
  const folder = options.dataDir ? resolve(options.dataDir) : await mkdtemp(join(tmpdir(), 'tributary-kafka-'));
  await mkdir(folder, { recursive: true });
  const cluster = new Cluster(
    {
      clusterId: randomBytes(16).toString('base64url'),
      nodes,
      folder,
      temporary,
      properties: options.properties ?? {},
      java: javaServerSettings(options, DEFAULT_HEAP_MB),
    },
    links,
  );
  try {
    await cluster.start();
  } catch (error) {
    // The error carries the end of the log, so a temporary folder need not be kept for it.
    await cluster.stop();
    throw error;
  }
  return cluster;
}

class Cluster implements KafkaHandle {
  readonly bootstrap: string;
  readonly brokers: readonly Broker[];
  readonly links: ReadonlyMap<string, KafkaLink>;
  readonly dataDir: string;
  readonly logFile: string;
  readonly #layout: ClusterLayout;
  readonly #first: Broker;

  constructor(layout: ClusterLayout, links: ReadonlyMap<string, KafkaLink>) {
    this.#layout = layout;
    this.links = links;
    this.bootstrap = layout.nodes.map((node) => `${LOOPBACK}:${node.port}`).join(',');
    this.brokers = layout.nodes.map((node) => new Broker(node, layout));
    this.#first = this.brokers[0]!;
    this.dataDir = this.#first.dataDir;
    this.logFile = this.#first.logFile;
  }

  get pid(): number {
    return this.#first.pid;
  }

  async start(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.prepare()));
    await this.#startTogether(this.brokers);
  }

  async stop(): Promise<void> {
    // Data that is thrown away needs no orderly shutdown.
    await Promise.all(this.brokers.map((broker) => (this.#layout.temporary ? broker.kill() : broker.stop())));
    for (const { toBrokers } of this.links.values()) await Promise.all(toBrokers.map((link) => link.close()));
    if (this.#layout.temporary) await rm(this.#layout.folder, { recursive: true, force: true });
  }

  async kill(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.kill()));
  }

  async restart(): Promise<void> {
    const down = this.brokers.filter((broker) => !broker.running);
    const up = this.brokers.filter((broker) => broker.running);
    if (down.length > 0) await this.#startTogether(down);
    for (const broker of up) {
      await broker.stop();
      await this.#startTogether([broker]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Starts `brokers` and waits until each of them sees the whole cluster. */
  async #startTogether(brokers: readonly Broker[]): Promise<void> {
    const ids = this.#layout.nodes.map((node) => node.id);
    // allSettled: when one fails, the others must not be left half-started behind our back.
    await Promise.all(brokers.map((broker) => broker.start()));
    const outcomes = await Promise.allSettled(brokers.map((broker) => broker.waitUntilReady(ids, true)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
}
