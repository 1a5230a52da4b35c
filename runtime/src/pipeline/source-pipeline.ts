import type { SourceRecord } from '@tributary/api';
import type { RawHeader, RecordToSend } from '../broker/port.ts';
import type { Chain } from './chain.ts';
import type { Converters } from './converters.ts';
import { type ErrorHandler, type RecordPlace, SKIPPED, type Stage } from './errors.ts';

const NO_HEADERS: readonly RawHeader[] = Object.freeze([]);

/** The place upstream that a record came from. */
export const placeOf = (record: SourceRecord): RecordPlace => ({
  topic: record.topic,
  partition: record.partition,
  offset: null,
  sourcePartition: record.sourcePartition,
  sourceOffset: record.sourceOffset,
});

/** The way of a source's records from the task to the producer: transforms, then converters. */
export class SourcePipeline {
  readonly #chain: Chain;
  readonly #converters: Converters;
  readonly #errors: ErrorHandler;
  readonly #prepareTopic: (topic: string) => Promise<void>;
  readonly #topics = new Set<string>();

  /** @param prepareTopic called once for each topic, before the first record goes to it */
  constructor(
    chain: Chain,
    converters: Converters,
    errors: ErrorHandler,
    prepareTopic: (topic: string) => Promise<void>,
  ) {
    this.#chain = chain;
    this.#converters = converters;
    this.#errors = errors;
    this.#prepareTopic = prepareTopic;
  }

  /** @throws ToleranceExceededError, or what preparing a topic throws */
  async process(records: readonly SourceRecord[]): Promise<readonly RecordToSend[]> {
    const transformed = this.#chain.length === 0 ? records : await this.#chain.apply(records, this.#errors, placeOf);
    const out: RecordToSend[] = [];
    for (const record of transformed) {
      if (!this.#topics.has(record.topic)) {
        await this.#prepareTopic(record.topic);
        this.#topics.add(record.topic);
      }
      const key = this.#bytes('KEY_CONVERTER', this.#converters.key, record, record.keySchema, record.key);
      const value = this.#bytes('VALUE_CONVERTER', this.#converters.value, record, record.valueSchema, record.value);
      const headers = record.headers.length === 0 ? NO_HEADERS : this.#headers(record);
      if (isReady(key) && isReady(value) && isReady(headers)) {
        out.push({
          topic: record.topic,
          partition: record.partition,
          key,
          value,
          timestamp: record.timestamp,
          headers,
        });
        continue;
      }
      const [lateKey, lateValue, lateHeaders] = await Promise.all([key, value, headers]);
      if (lateKey === SKIPPED || lateValue === SKIPPED || lateHeaders === SKIPPED) continue;
      out.push({
        topic: record.topic,
        partition: record.partition,
        key: lateKey,
        value: lateValue,
        timestamp: record.timestamp,
        headers: lateHeaders,
      });
    }
    return out;
  }

  #bytes(
    stage: Stage,
    { class: plugin, converter }: Converters['key'],
    record: SourceRecord,
    schema: SourceRecord['keySchema'],
    value: unknown,
  ): Uint8Array | null | Promise<Uint8Array | null | typeof SKIPPED> {
    const convert = (): Uint8Array | null | Promise<Uint8Array | null> =>
      converter.fromConnect(record.topic, schema, value);
    try {
      const bytes = convert();
      if (!(bytes instanceof Promise)) return bytes;
      return bytes.catch((error: unknown) =>
        this.#errors.handle({ stage, plugin, error, place: placeOf(record), record }, convert),
      );
    } catch (error) {
      return this.#errors.handle({ stage, plugin, error, place: placeOf(record), record }, convert);
    }
  }

  #headers(record: SourceRecord): readonly RawHeader[] | Promise<readonly RawHeader[] | typeof SKIPPED> {
    const { class: plugin, converter } = this.#converters.header;
    const convert = (): readonly RawHeader[] =>
      record.headers.map(({ key, value, schema }) => ({
        key,
        value: converter.fromConnectHeader(record.topic, key, schema, value),
      }));
    try {
      return convert();
    } catch (error) {
      return this.#errors.handle({ stage: 'HEADER_CONVERTER', plugin, error, place: placeOf(record), record }, convert);
    }
  }
}

function isReady<T>(value: T | Promise<T | typeof SKIPPED>): value is T {
  return !(value instanceof Promise);
}
