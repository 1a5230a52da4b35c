import type { Config, ConfigDef } from './config/keys.ts';
import type { Props } from './config/parse.ts';
import type { ConnectorContext } from './context.ts';
import type { PluginInfo } from './plugin.ts';

/**
 * Reports what is wrong with a key, beyond what its definition can say. The key may be any, also one that the definition does not
 * know, such as `topic.ticks.mapping`.
 */
export type ReportError = (key: string, message: string) => void;

/** What sources and sinks have in common. */
export interface Connector<D extends ConfigDef> extends PluginInfo<D> {
  /** What `task.class` says in task configs. Default: the class, with `Connector` at its end replaced by `Task`. */
  readonly taskClass?: string;
  /**
   * Checks across keys, or against the outside world. Runs when a config is validated, after the keys themselves passed; a config of
   * which something is reported is refused.
   * @param signal aborts after 15 s; what is reported within another second still counts
   * @param props the whole config as text, with the values that references to config providers stand for; keys that the definition does
   *   not know included
   */
  validate?(config: Config<D>, report: ReportError, signal: AbortSignal, props: Readonly<Props>): void | Promise<void>;
  /**
   * Divides the work: one config for each task, at most `maxTasks`. Keys that are left out are taken from the connector's config.
   * Default: a source gets one task, a sink `maxTasks`, all with the connector's config.
   */
  taskConfigs?(
    config: Config<D>,
    maxTasks: number,
    context: ConnectorContext,
  ): readonly Props[] | Promise<readonly Props[]>;
}
