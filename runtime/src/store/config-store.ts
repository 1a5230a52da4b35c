import { type Logger, messageOf, type Props } from '@tributary/api';
import type { Broker, RecordRead } from '../broker/port.ts';
import {
  applyConfigRecord,
  type ConfigState,
  configKeys,
  configValues,
  EMPTY_CONFIG_STATE,
  type TargetState,
} from './config-state.ts';
import { InternalTopic } from './internal-topic.ts';
import { fromJson } from './json.ts';

const decoder = new TextDecoder();

/** Connector configs, task configs and target states, kept in the config topic. Every write is read back before it returns. */
export class ConfigStore {
  readonly #topic: InternalTopic;
  readonly #log: Logger;
  #state: ConfigState = EMPTY_CONFIG_STATE;

  constructor(broker: Broker, topic: string, clientId: string, log: Logger) {
    this.#log = log;
    this.#topic = new InternalTopic(broker, topic, clientId, (record) => this.#apply(record));
  }

  get state(): ConfigState {
    return this.#state;
  }

  #apply(record: RecordRead): void {
    if (record.key === null) return;
    let value: unknown = null;
    if (record.value !== null) {
      try {
        value = fromJson(record.value);
      } catch (error) {
        this.#log.warn(
          `A record of the config topic ${this.#topic.name} is not JSON and is ignored: ${messageOf(error)}`,
          { offset: record.offset },
        );
        return;
      }
    }
    this.#state = applyConfigRecord(this.#state, { offset: record.offset, key: decoder.decode(record.key), value });
  }

  async refresh(): Promise<void> {
    await this.#topic.readToEnd();
  }

  /** Writes a connector's config, and before it the target state if one is given. */
  async putConnector(name: string, config: Props, targetState: TargetState | null): Promise<void> {
    if (targetState) await this.#topic.write([[configKeys.targetState(name), configValues.targetState(targetState)]]);
    await this.#topic.write([[configKeys.connector(name), configValues.connector(config)]]);
    await this.refresh();
  }

  async removeConnector(name: string): Promise<void> {
    await this.#topic.write([
      [configKeys.connector(name), null],
      [configKeys.targetState(name), null],
    ]);
    await this.refresh();
  }

  async putTasks(name: string, tasks: readonly Props[]): Promise<void> {
    await this.#topic.write([
      ...tasks.map((config, i) => [configKeys.task(name, i), configValues.task(config)] as const),
      [configKeys.commit(name), configValues.commit(tasks.length)],
    ]);
    await this.refresh();
  }

  async putTargetState(name: string, state: TargetState): Promise<void> {
    await this.#topic.write([[configKeys.targetState(name), configValues.targetState(state)]]);
    await this.refresh();
  }

  /** Writes down that a connector is restarted (KIP-745), for whoever else reads the topic. */
  async putRestart(name: string, includeTasks: boolean, onlyFailed: boolean): Promise<void> {
    await this.#topic.write([[configKeys.restart(name), configValues.restart(includeTasks, onlyFailed)]]);
    await this.refresh();
  }

  async close(): Promise<void> {
    await this.#topic.close();
  }
}
