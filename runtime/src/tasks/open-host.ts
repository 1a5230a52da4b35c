import type { Logger } from '@tributary/api';
import { isEmbedded } from '../broker/open.ts';
import type { Broker, BrokerOptions } from '../broker/port.ts';
import { isolationKeys, ownSettings } from '../config/own-keys.ts';
import type { WorkerConfig } from '../config/worker-config.ts';
import type { LeveledLogger, TaskLogs } from '../logging/loggers.ts';
import { traceOf } from '../pipeline/trace.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import type { SourceOffsetStore } from '../store/offset-store.ts';
import { ByteBudget } from './budget.ts';
import { FAILED_TASK, type TaskHost } from './host.ts';
import { IsolatedHost } from './isolated/host.ts';
import type { OpenPlace } from './isolated/place.ts';
import { processPlaces } from './isolated/process.ts';
import { openThread } from './isolated/thread.ts';
import { SharedHost } from './shared-host.ts';
import type { TaskSpec } from './task-spec.ts';

/** Where plugins are looked for; a task in a place of its own looks by itself. */
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
  readonly log: Logger;
  readonly logsOf: (spec: TaskSpec) => TaskLogs<LeveledLogger>;
}

/** The place where tasks run, as `task.isolation` of their connector or of the worker says. */
export function openHost(parts: HostParts): TaskHost {
  const { config, brokerOptions, broker, registry, places, offsets, log, logsOf } = parts;
  const memoryBytes = config['worker.memory.bytes'];
  const budget = new ByteBudget(memoryBytes);
  const embedded = isEmbedded(config['bootstrap.servers']);
  const isolated = (open: OpenPlace): TaskHost =>
    new IsolatedHost({
      open,
      plugins: places,
      offsetsTopic: config['offset.storage.topic'],
      memoryBytes,
      logsOf,
      // The embedded log belongs to this thread: others go through it.
      broker: embedded ? { type: 'served' } : { type: 'direct', ...brokerOptions },
      served: embedded ? broker : null,
      limitsOf: (spec) => {
        const settings = isolationOf(spec);
        return {
          memoryMaxBytes: settings['task.memory.max.bytes'],
          unresponsiveTimeoutMs: settings['task.unresponsive.timeout.ms'],
        };
      },
    });
  const hosts: Readonly<Record<string, TaskHost>> = {
    shared: new SharedHost((spec) => ({ broker, registry, offsets, budget, ...logsOf(spec) })),
    thread: isolated(openThread),
    process: isolated(processPlaces((problem) => log.warn(problem))),
  };
  return {
    start(spec, listener) {
      try {
        return hosts[isolationOf(spec)['task.isolation']]!.start(spec, listener);
      } catch (error) {
        listener.failed(traceOf(error));
        return FAILED_TASK;
      }
    },
    close: async () => void (await Promise.all(Object.values(hosts).map((host) => host.close()))),
  };
}

const isolationOf = ({ settings, connectorProps }: TaskSpec) =>
  ownSettings(isolationKeys, settings.workerProps, connectorProps);
