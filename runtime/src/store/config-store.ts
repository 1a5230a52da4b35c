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
import { FencedWriter } from './fenced-writer.ts';
import { type Entries, InternalTopic } from './internal-topic.ts';
import { fromJson } from './json.ts';
import { type SessionKey, sessionKeyValue } from './session-key.ts';

const decoder = new TextDecoder();

export interface ConfigStoreOptions {
  /** With it only the leader of the workers writes what it alone may, in transactions (KIP-618); null: there is nobody to keep out. */
  readonly leaderTransactionalId: string | null;
  readonly log: Logger;
  /** A level that all workers are asked to set. Told only for records that are written after the first `refresh`, as in Java. */
  readonly onLoggerLevel: (name: string, level: Level) => void;
}

/**
 * Connector configs, task configs and target states, kept in the config topic. Every write is read back before it returns. Target states
 * and logger levels may come from any worker; the rest is the leader's.
 */
export class ConfigStore {
  readonly #topic: InternalTopic;
  readonly #options: ConfigStoreOptions;
  readonly #leader: FencedWriter | null;
  /** Whether the records that were there at the start have been read. */
  #started = false;
  #state: ConfigState = EMPTY_CONFIG_STATE;
  #onChange: (change: ConfigChange) => void = () => {};

  constructor(broker: Broker, topic: string, clientId: string, options: ConfigStoreOptions) {
    this.#options = options;
    const { leaderTransactionalId: transactionalId } = options;
    this.#leader =
      transactionalId === null
        ? null
        : new FencedWriter(broker, { topic, clientId: `${clientId}-leader`, transactionalId });
    this.#topic = new InternalTopic(broker, topic, clientId, (records) => this.#read(records));
  }

  /**
   * Makes this worker the one that may write what is the leader's, and takes that from whoever had it before: for a worker that has become
   * the leader, and again for a leader after a PrivilegeLostError. Nothing happens if it has the privilege. @throws ConnectError
   */
  async claimWritePrivileges(): Promise<void> {
    await this.#leader?.claim();
  }

  /** Whether what is the leader's can be written, as far as is known: if not, `claimWritePrivileges` must be called before. */
  get hasWritePrivileges(): boolean {
    return this.#leader?.claimed ?? true;
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
    await this.#writeAsLeader([
      ...(targetState ? [[configKeys.targetState(name), configValues.targetState(targetState)] as const] : []),
      [configKeys.connector(name), configValues.connector(config)],
    ]);
  }

  async removeConnector(name: string): Promise<void> {
    await this.#writeAsLeader([
      [configKeys.connector(name), null],
      [configKeys.targetState(name), null],
    ]);
  }

  async putTasks(name: string, tasks: readonly Props[]): Promise<void> {
    await this.#writeAsLeader([
      ...tasks.map((config, i) => [configKeys.task(name, i), configValues.task(config)] as const),
      [configKeys.commit(name), configValues.commit(tasks.length)],
    ]);
  }

  /** Writes down how many tasks may write with transactions from now on; their predecessors have been fenced (KIP-618). */
  async putFencing(name: string, tasks: number): Promise<void> {
    await this.#writeAsLeader([[configKeys.fencing(name), configValues.fencing(tasks)]]);
  }

  async putTargetState(name: string, state: TargetState): Promise<void> {
    await this.#write([[configKeys.targetState(name), configValues.targetState(state)]]);
  }

  /** Asks every worker to restart what it has of a connector (KIP-745). */
  async putRestart(name: string, includeTasks: boolean, onlyFailed: boolean): Promise<void> {
    await this.#writeAsLeader([[configKeys.restart(name), configValues.restart(includeTasks, onlyFailed)]]);
  }

  async putLoggerLevel(name: string, level: Level): Promise<void> {
    await this.#write([[configKeys.loggerLevel(name), configValues.loggerLevel(level)]]);
  }

  /** Hands out the key that workers sign their requests to each other with. */
  async putSessionKey(key: SessionKey): Promise<void> {
    await this.#writeAsLeader([[configKeys.sessionKey, sessionKeyValue(key)]]);
  }

  async #write(entries: Entries): Promise<void> {
    await this.#topic.write(entries);
    await this.refresh();
  }

  /** All records or none, where the leader has a privilege to write. @throws PrivilegeLostError */
  async #writeAsLeader(entries: Entries): Promise<void> {
    if (!this.#leader) return this.#write(entries);
    await this.#leader.write(entries);
    await this.refresh();
  }

  async close(): Promise<void> {
    await this.#leader?.close();
    await this.#topic.close();
  }
}
