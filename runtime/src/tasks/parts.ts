import { type Config, type ConfigDef, ConfigError, parseConfig } from '@tributary/api';
import { commonConfig } from '../config/connector-config.ts';
import { buildChain, type Chain } from '../pipeline/chain.ts';
import { buildConverters, type Converters } from '../pipeline/converters.ts';
import { ErrorHandler, type Reporter } from '../pipeline/errors.ts';
import type { TaskEnvironment } from './task.ts';
import type { TaskSpec } from './task-spec.ts';

/** What source and sink tasks are both made of. */
export interface TaskParts<D extends ConfigDef> {
  /** The plugin's own config. */
  readonly config: Config<ConfigDef>;
  /** The keys that all connectors of the kind have. */
  readonly framework: Config<D>;
  readonly chain: Chain;
  readonly converters: Converters;
  readonly errors: ErrorHandler;
  readonly close: ReadonlyArray<() => Promise<void>>;
}

/**
 * Parses a task's config and makes its transforms, converters and error handler.
 * @param openReporter makes what takes note of records that fail for good; may refuse the config
 * @throws ConfigError
 */
export async function openParts<D extends typeof commonConfig>(
  { id, connectorProps, taskProps, settings }: TaskSpec,
  own: ConfigDef,
  frameworkDef: D,
  { registry, log, metrics }: TaskEnvironment,
  signal: AbortSignal,
  openReporter: (framework: Config<D>, converters: Converters) => Reporter | Promise<Reporter>,
): Promise<TaskParts<D>> {
  const { config, errors } = parseConfig(own, taskProps);
  if (errors.size > 0) throw new ConfigError([...errors.values()].flat().join('\n'));
  const framework = parseConfig(frameworkDef, connectorProps).config;
  const policy = parseConfig(commonConfig, connectorProps).config;
  const chain = await buildChain(registry, connectorProps);
  const converters = await buildConverters(registry, connectorProps, settings.workerProps);
  const close = [() => chain.close(), () => converters.close()];
  let report: Reporter;
  try {
    report = await openReporter(framework, converters);
  } catch (error) {
    await Promise.allSettled(close.map((part) => part()));
    throw error;
  }
  return {
    config,
    framework,
    chain,
    converters,
    errors: new ErrorHandler(policy, id, log, metrics, signal, report),
    close,
  };
}
