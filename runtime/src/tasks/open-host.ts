import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { isEmbedded } from '../broker/open.ts';
import type { Broker, BrokerOptions } from '../broker/port.ts';
import { serveBroker } from '../broker/remote/index.ts';
import type { WorkerConfig } from '../config/worker-config.ts';
import type { LeveledLogger, TaskLogs } from '../logging/loggers.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import type { SourceOffsetStore } from '../store/offset-store.ts';
import { ByteBudget } from './budget.ts';
import type { TaskHost } from './host.ts';
import { SharedHost } from './shared-host.ts';
import type { TaskSpec } from './task.ts';
import { ThreadHost } from './thread-host.ts';

/** Where plugins are looked for; a task's own thread looks by itself. */
export interface PluginPlaces {
  readonly pluginPath: readonly string[];
  readonly from: readonly string[];
}

export interface HostParts {
  readonly config: WorkerConfig;
  readonly brokerOptions: BrokerOptions;
  readonly broker: Broker;
  readonly registry: PluginRegistry;
  readonly places: PluginPlaces;
  readonly offsets: SourceOffsetStore;
  readonly logsOf: (spec: TaskSpec) => TaskLogs<LeveledLogger>;
}

/** The place where tasks run, as `task.isolation` says. */
export function openHost({ config, brokerOptions, broker, registry, places, offsets, logsOf }: HostParts): TaskHost {
  const memoryBytes = config['worker.memory.bytes'];
  if (config['task.isolation'] === 'shared') {
    const budget = new ByteBudget(memoryBytes);
    return new SharedHost((spec) => ({ broker, registry, offsets, budget, ...logsOf(spec) }));
  }
  const embedded = isEmbedded(config['bootstrap.servers']);
  return new ThreadHost({
    plugins: places,
    offsetsTopic: config['offset.storage.topic'],
    memoryBytes,
    logsOf,
    // The embedded log belongs to this thread: others go through it.
    brokerAccess: () => (embedded ? { type: 'port', port: servePort(broker) } : { type: 'direct', ...brokerOptions }),
  });
}

function servePort(broker: Broker): MessagePort {
  const { port1, port2 } = new MessageChannel();
  serveBroker(broker, port1);
  return port2;
}
