import type { Props } from '@tributary/api';
import { MASK, masked } from '../config/mask.ts';
import { givesNothingAway, secretKeys } from '../config/secret-keys.ts';
import { redactor } from '../config/secrets.ts';
import type { ConnectorInfo, TaskInfo } from '../herder/entities.ts';
import type { PluginRegistry } from '../plugins/registry.ts';

/** Puts `[hidden]` for passwords into every config that the API shows. */
export class Masking {
  readonly #registry: PluginRegistry;
  readonly #enabled: boolean;

  /** @param enabled `rest.mask.passwords` */
  constructor(registry: PluginRegistry, enabled: boolean) {
    this.#registry = registry;
    this.#enabled = enabled;
  }

  async config(config: Props): Promise<Props> {
    return this.#enabled ? masked(config, await secretKeys(this.#registry, config)) : config;
  }

  async info(info: ConnectorInfo): Promise<ConnectorInfo> {
    return { ...info, config: await this.config(info.config) };
  }

  /** @param connector the config of the connector that the tasks belong to */
  async tasks(connector: Props, tasks: readonly TaskInfo[]): Promise<readonly TaskInfo[]> {
    if (!this.#enabled) return tasks;
    const configs = tasks.map(({ config }) => config);
    const secret = await secretKeys(this.#registry, connector, configs);
    // A connector may have put a password into other values, such as a URL.
    const plain = [...secret].flatMap((key) => connector[key] ?? []).filter((value) => !givesNothingAway(value));
    const redact = redactor(plain.map((value) => [value, MASK]));
    const shown = (config: Props): Props =>
      Object.fromEntries(Object.entries(masked(config, secret)).map(([key, value]) => [key, redact(value)]));
    return tasks.map((task) => ({ ...task, config: shown(task.config) }));
  }
}
