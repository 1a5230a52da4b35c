import type { Logger, Props } from '@tributary/api';
import type { Broker, RecordRead } from '../broker/port.ts';
import type { Level } from '../logging/levels.ts';
import { type ConfigChange, configChange, isEmpty } from './config-change.ts';
import {
  applyConfigRecord,
  type ConfigRecord,
  type ConfigState,
  configKeys,
  configValues,
  EMPTY_CONFIG_STATE,
  loggerLevelOf,
  type RestartAsked,
  restartOf,
  type TargetState,
} from './config-state.ts';
import { InternalTopic } from './internal-topic.ts';
import { fromJson } from './json.ts';
import { type SessionKey, sessionKeyValue } from './session-key.ts';

const decoder = new TextDecoder();

export interface ConfigStoreOptions {
  readonly log: Logger;
  /** A level that all workers are asked to set. Told only for records that are written after the first `refresh`, as in Java. */
  readonly onLoggerLevel: (name: string, level: Level) => void;
}

/** Connector configs, task configs and target states, kept in the config topic. Every write is read back before it returns. */
export class ConfigStore {
  readonly #topic: InternalTopic;
  readonly #options: ConfigStoreOptions;
  /** Whether the records that were there at the start have been read. */
  #started = false;
  #state: ConfigState = EMPTY_CONFIG_STATE;
  #onChange: (change: ConfigChange) => void = () => {};

  constructor(broker: Broker, topic: string, clientId: string, options: ConfigStoreOptions) {
    this.#options = options;
    this.#topic = new InternalTopic(broker, topic, clientId, (records) => this.#read(records));
  }

  get state(): ConfigState {
    return this.#state;
  }

  /**
   * Tells what records have changed, once they are in `state`: those that are written after the first `refresh`, by this worker
   * too. Called while the topic is read: it must neither throw nor wait for what is written.
   */
  onChange(listener: (change: ConfigChange) => void): void {
    this.#onChange = listener;
  }

  #read(records: readonly RecordRead[]): void {
    const before = this.#state;
    const restarts: RestartAsked[] = [];
    for (const record of records) {
      const read = this.#parse(record);
      if (!read) continue;
      this.#state = applyConfigRecord(this.#state, read);
      if (!this.#started) continue;
      const level = loggerLevelOf(read);
      if (level) this.#options.onLoggerLevel(level.name, level.level);
      const restart = restartOf(read);
      if (restart) restarts.push(restart);
    }
    if (!this.#started) return;
    const change = configChange(before, this.#state, restarts);
    if (!isEmpty(change)) this.#onChange(change);
  }

  #parse(record: RecordRead): ConfigRecord | undefined {
    if (record.key === null) return undefined;
    const key = decoder.decode(record.key);
    try {
      return { offset: record.offset, key, value: record.value === null ? null : fromJson(record.value) };
    } catch {
      // What the parser says would show a piece of the value, which may be secret.
      this.#options.log.warn(
        `The record ${key} of the config topic ${this.#topic.name} at offset ${record.offset} is not JSON and is ignored`,
      );
      return undefined;
    }
  }

  async refresh(): Promise<void> {
    await this.#topic.readToEnd();
    this.#started = true;
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

  /** Writes down how many tasks may write with transactions from now on; their predecessors have been fenced (KIP-618). */
  async putFencing(name: string, tasks: number): Promise<void> {
    await this.#topic.write([[configKeys.fencing(name), configValues.fencing(tasks)]]);
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

  async putLoggerLevel(name: string, level: Level): Promise<void> {
    await this.#topic.write([[configKeys.loggerLevel(name), configValues.loggerLevel(level)]]);
    await this.refresh();
  }

  /** Hands out the key that workers sign their requests to each other with. */
  async putSessionKey(key: SessionKey): Promise<void> {
    await this.#topic.write([[configKeys.sessionKey, sessionKeyValue(key)]]);
    await this.refresh();
  }

  async close(): Promise<void> {
    await this.#topic.close();
  }
}
