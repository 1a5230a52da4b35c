import {
  ConnectError,
  isPlainObject,
  type Logger,
  messageOf,
  type SourceOffset,
  type SourcePartition,
} from '@tributary/api';
import type { Broker, RecordRead, RecordToSend, TopicReader } from '../broker/port.ts';
import { fromJson, toJson } from './json.ts';
import { canonical, partitionId } from './partition-map.ts';

interface Stored {
  /** As first written: a rewrite must hit the same key in compaction, whatever order its fields had. */
  readonly keyBytes: Uint8Array;
  readonly partition: SourcePartition;
  readonly offset: SourceOffset;
}

function checkPrimitive(values: Readonly<Record<string, unknown>>): void {
  for (const [field, value] of Object.entries(values)) {
    const fits = value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
    if (!fits)
      throw new ConnectError(
        `Offsets may only contain primitive types as values, but field ${field} contains ${Array.isArray(value) ? 'ARRAY' : 'MAP'}`,
      );
  }
}

/** The offsets of source connectors. */
export interface SourceOffsetStore {
  /** Where `record` goes. */
  readonly topic: string;
  /** Waits until everything that is stored now is known here. */
  refresh(): Promise<void>;
  /** The offset of one partition as last read; null if there is none. */
  get(connector: string, partition: SourcePartition): SourceOffset | null;
  all(connector: string): ReadonlyArray<{ readonly partition: SourcePartition; readonly offset: SourceOffset }>;
  /** The record that stores an offset, or with null removes it. @throws ConnectError if a value is not primitive */
  record(connector: string, partition: SourcePartition, offset: SourceOffset | null): RecordToSend;
  /** The records that set or remove an offset for good, wherever it is stored. @throws ConnectError if a value is not primitive */
  alteration(connector: string, partition: SourcePartition, offset: SourceOffset | null): readonly RecordToSend[];
}

/**
 * The source offsets, as they stand in the offsets topic: key `["<connector>",{<partition>}]`, value `{<offset>}`, null for a
 * reset one. Formats: OffsetStorageWriter and OffsetUtils of Java Connect.
 */
export class OffsetStore implements SourceOffsetStore {
  readonly topic: string;
  readonly #reader: TopicReader;
  readonly #byConnector = new Map<string, Map<string, Stored>>();
  readonly #keys = new Map<string, Uint8Array>();
  #failure: Error | undefined;

  /** Reads the topic in the background; `refresh` waits for it. */
  constructor(broker: Broker, topic: string, clientId: string, log: Logger) {
    this.topic = topic;
    this.#reader = broker.reader({
      clientId,
      topic,
      onRecords: (records) => {
        for (const record of records) this.#apply(record, log);
      },
      onError: (error) => {
        this.#failure = error;
      },
    });
  }

  #apply(record: RecordRead, log: Logger): void {
    try {
      if (record.key === null) return;
      const key = fromJson(record.key);
      if (!Array.isArray(key) || key.length !== 2 || typeof key[0] !== 'string' || !isPlainObject(key[1])) return;
      const [connector, partition] = key as [string, SourcePartition];
      const id = canonical(partition);
      let offsets = this.#byConnector.get(connector);
      if (!offsets) {
        offsets = new Map();
        this.#byConnector.set(connector, offsets);
      }
      this.#keys.set(`${connector}\u0000${id}`, record.key);
      if (record.value === null) offsets.delete(id);
      else offsets.set(id, { keyBytes: record.key, partition, offset: fromJson(record.value) as SourceOffset });
    } catch (error) {
      log.warn(`A record of the offsets topic ${this.topic} cannot be read and is ignored: ${messageOf(error)}`, {
        partition: record.partition,
        offset: record.offset,
      });
    }
  }

  async refresh(): Promise<void> {
    if (this.#failure)
      throw new ConnectError(`The offsets topic ${this.topic} cannot be read: ${this.#failure.message}`, {
        cause: this.#failure,
      });
    await this.#reader.readToEnd();
  }

  get(connector: string, partition: SourcePartition): SourceOffset | null {
    return this.#byConnector.get(connector)?.get(partitionId(partition))?.offset ?? null;
  }

  all(connector: string): ReadonlyArray<{ readonly partition: SourcePartition; readonly offset: SourceOffset }> {
    return [...(this.#byConnector.get(connector)?.values() ?? [])];
  }

  /** The record that stores an offset, or with null removes it. @throws ConnectError if a value is not primitive */
  record(connector: string, partition: SourcePartition, offset: SourceOffset | null): RecordToSend {
    checkPrimitive(partition);
    if (offset) checkPrimitive(offset);
    return {
      topic: this.topic,
      partition: null,
      key: this.#keys.get(`${connector}\u0000${partitionId(partition)}`) ?? toJson([connector, partition]),
      value: offset === null ? null : toJson(offset),
      timestamp: null,
      headers: [],
    };
  }

  alteration(connector: string, partition: SourcePartition, offset: SourceOffset | null): readonly RecordToSend[] {
    return [this.record(connector, partition, offset)];
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }
}
