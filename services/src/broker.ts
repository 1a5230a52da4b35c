import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exists } from './cache.ts';
import { jdkTool, LOGGING_ARGS, SHORT_LIVED_ARGS } from './java.ts';
import { type JavaServerSettings, serverLog, startJavaServer } from './java-server.ts';
import { jarsOf } from './maven.ts';
import { LOOPBACK } from './ports.ts';
import { type Properties, writeProperties } from './properties.ts';
import type { StoreHandle } from './server-handle.ts';
import type { ServerProcess } from './server-process.ts';
import type { ProcessUsage } from './usage.ts';
import { aliveBrokers, hasCoordinator } from './wire.ts';

const run = promisify(execFile);

/** How long a broker may take to hand over its partitions and end, ms; then it is killed. */
const STOP_GRACE_MS = 20_000;

/** One broker of a cluster started by `kafka()`. */
export interface BrokerHandle extends StoreHandle {
  /** Its `node.id`, from 1. */
  readonly id: number;
  /** Where clients reach it, on 127.0.0.1. */
  readonly port: number;
  /** Shuts it down in order; the data stays, for `restart`. */
  stop(): Promise<void>;
}

/** Where a node of the cluster listens. */
export interface NodeAddress {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly links: readonly NodeLink[];
}

/** A listener of a node that clients reach through a proxy. */
export interface NodeLink {
  readonly name: string;
  readonly port: number;
  /** The proxy's. */
  readonly advertisedPort: number;
}

/** What a broker needs to know of the cluster that it is part of. */
export interface ClusterLayout {
  readonly clusterId: string;
  readonly nodes: readonly NodeAddress[];
  /** Holds a folder for each broker. */
  readonly folder: string;
  /** Whether `folder` is ours to remove. */
  readonly temporary: boolean;
  readonly properties: Properties;
  readonly java: JavaServerSettings;
}

/** A broker of the cluster, a controller as well. Is handed out as {@link BrokerHandle}. */
export class Broker implements BrokerHandle {
  readonly id: number;
  readonly port: number;
  readonly dataDir: string;
  readonly logFile: string;
  readonly #cluster: ClusterLayout;
  readonly #folder: string;
  readonly #configFile: string;
  #process: ServerProcess | undefined;

  constructor(address: NodeAddress, cluster: ClusterLayout) {
    this.id = address.id;
    this.port = address.port;
    this.#cluster = cluster;
    this.#folder = join(cluster.folder, `broker-${address.id}`);
    this.dataDir = join(this.#folder, 'data');
    this.logFile = serverLog(this.#folder);
    this.#configFile = join(this.#folder, 'server.properties');
  }

  get pid(): number {
    if (!this.#process) throw new Error(`Kafka broker ${this.id} was not started`);
    return this.#process.pid;
  }

  get running(): boolean {
    return this.#process?.running ?? false;
  }

  /** Writes its configuration and, for a new folder, formats its storage as the cluster's. */
  async prepare(): Promise<void> {
    await mkdir(this.dataDir, { recursive: true });
    await writeProperties(this.#configFile, brokerProperties(this.#cluster, this.id, this.dataDir));
    if (await exists(join(this.dataDir, 'meta.properties'))) return;
    // With an equals sign: an id may begin with a dash, which would be taken for an option.
    const id = `--cluster-id=${this.#cluster.clusterId}`;
    const format = ['kafka.tools.StorageTool', 'format', id, '--config', this.#configFile];
    try {
      await run(jdkTool('java'), [...SHORT_LIVED_ARGS, ...LOGGING_ARGS, '-cp', await jarsOf('kafka'), ...format]);
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`The storage of Kafka broker ${this.id} could not be formatted:\n${stdout}${stderr}`);
    }
  }

  /** Starts its process, without waiting until it is ready. */
  async start(): Promise<void> {
    this.#process = await startJavaServer(
      {
        name: `Kafka broker ${this.id}`,
        mainClass: 'kafka.Kafka',
        args: [this.#configFile],
        folder: this.#folder,
        temporaryFolder: this.#cluster.temporary ? this.#cluster.folder : undefined,
      },
      this.#cluster.java,
    );
  }

  /** Waits until it sees the brokers `ids` alive and, with `coordinators`, can name group and transaction coordinators. */
  async waitUntilReady(ids: readonly number[], coordinators: boolean): Promise<void> {
    const ready = async () => {
      const alive = await aliveBrokers(this.port);
      if (!ids.every((id) => alive.includes(id))) return false;
      if (!coordinators) return true;
      return (await hasCoordinator(this.port, 'group')) && (await hasCoordinator(this.port, 'transaction'));
    };
    await this.#process!.waitUntilReady(ready, this.#cluster.java.startTimeoutMs);
  }

  async stop(): Promise<void> {
    await this.#process?.stop(STOP_GRACE_MS);
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
    await this.waitUntilReady([this.id], false);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.signal(signal);
  }

  usage(): ProcessUsage | undefined {
    return this.#process?.usage();
  }
}

/** Kafka's own default, and the links. */
function protocolMap({ links }: NodeAddress): string {
  const plain = ['CONTROLLER', 'PLAINTEXT', ...links.map(({ name }) => name)].map((name) => `${name}:PLAINTEXT`);
  return [...plain, 'SSL:SSL', 'SASL_PLAINTEXT:SASL_PLAINTEXT', 'SASL_SSL:SASL_SSL'].join(',');
}

/** The whole configuration of one broker; the caller's properties come last. */
function brokerProperties(cluster: ClusterLayout, id: number, dataDir: string): Properties {
  const own = cluster.nodes.find((node) => node.id === id)!;
  const copies = cluster.nodes.length;
  const inSync = Math.max(1, copies - 1);
  return {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': cluster.nodes.map((n) => `${n.id}@${LOOPBACK}:${n.controllerPort}`).join(','),
    listeners: [
      `PLAINTEXT://${LOOPBACK}:${own.port}`,
      `CONTROLLER://${LOOPBACK}:${own.controllerPort}`,
      ...own.links.map(({ name, port }) => `${name}://${LOOPBACK}:${port}`),
    ].join(','),
    'advertised.listeners': [
      `PLAINTEXT://${LOOPBACK}:${own.port}`,
      ...own.links.map(({ name, advertisedPort }) => `${name}://${LOOPBACK}:${advertisedPort}`),
    ].join(','),
    ...(own.links.length === 0 ? {} : { 'listener.security.protocol.map': protocolMap(own) }),
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': dataDir,
    'default.replication.factor': copies,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': inSync,
    // Fewer partitions than the default 50 each: a new cluster can name a coordinator at once.
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.num.partitions': 4,
    // The default buffer of 128 MiB would take a quarter of our heap.
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    // A test's consumer need not wait 3 s for others to join its group.
    'group.initial.rebalance.delay.ms': 0,
    ...cluster.properties,
  };
}
