import { DataError, type SourceRecord } from '@tributary/api';
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

type ConverterStage = Extract<Stage, 'KEY_CONVERTER' | 'VALUE_CONVERTER'>;
type Converted = Uint8Array | null;

/** What a topic takes. */
export interface TopicLimits {
  /** Bytes of one record, or null where only the broker knows. */
  readonly maxRecordBytes: number | null;
}

/** A record batch's own header, and what a record takes beside its key, value and headers at most. */
const BATCH_OVERHEAD = 61;
const RECORD_OVERHEAD = 32;

/** The size of a record in a batch by itself, rounded up by a few bytes. Format: Kafka's message format v2. */
function recordBytes({ key, value, headers }: RecordToSend): number {
  let bytes = BATCH_OVERHEAD + RECORD_OVERHEAD + (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers) bytes += Buffer.byteLength(header.key) + (header.value?.length ?? 0) + 6;
  return bytes;
}

/** The way of a source's records from the task to the producer: transforms, then converters. */
export class SourcePipeline {
  readonly #chain: Chain;
  readonly #converters: Converters;
  readonly #errors: ErrorHandler;
  readonly #prepareTopic: (topic: string) => Promise<TopicLimits>;
  readonly #topics = new Map<string, TopicLimits>();

  /** @param prepareTopic called once for each topic, before the first record goes to it */
  constructor(
    chain: Chain,
    converters: Converters,
    errors: ErrorHandler,
    prepareTopic: (topic: string) => Promise<TopicLimits>,
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
      if (!this.#topics.has(record.topic)) this.#topics.set(record.topic, await this.#prepareTopic(record.topic));
      // One after the other, as in Java: a record that fails at one stage does not reach the next, and is reported once.
      const headers = record.headers.length === 0 ? NO_HEADERS : this.#headers(record);
      const readyHeaders = headers instanceof Promise ? await headers : headers;
      if (readyHeaders === SKIPPED) continue;
      const key = this.#bytes('KEY_CONVERTER', record);
      const readyKey = key instanceof Promise ? await key : key;
      if (readyKey === SKIPPED) continue;
      const value = this.#bytes('VALUE_CONVERTER', record);
      const readyValue = value instanceof Promise ? await value : value;
      if (readyValue === SKIPPED) continue;
      const made: RecordToSend = {
        topic: record.topic,
        partition: record.partition,
        key: readyKey,
        value: readyValue,
        timestamp: record.timestamp,
        headers: readyHeaders,
      };
      if (!this.#fits(made, record)) continue;
      out.push(made);
    }
    return out;
  }

  /**
   * Where errors are tolerated, a record that the topic would refuse is passed by here instead of failing the batch it is in; otherwise the
   * broker decides.
   */
  #fits(made: RecordToSend, record: SourceRecord): boolean {
    const { maxRecordBytes } = this.#topics.get(record.topic)!;
    if (maxRecordBytes === null || !this.#errors.tolerant) return true;
    const bytes = recordBytes(made);
    if (bytes <= maxRecordBytes) return true;
    this.#errors.failed({
      stage: 'KAFKA_PRODUCE',
      plugin: 'producer',
      error: new DataError(
        `A record of ${bytes} bytes is larger than topic ${record.topic} takes (${maxRecordBytes}): raise max.message.bytes of the topic and, if it is set, producer.override.max.request.size`,
      ),
      place: placeOf(record),
      record,
    });
    return false;
  }

  /** Without a closure for a record that is converted at once, as almost all are. */
  #bytes(stage: ConverterStage, record: SourceRecord): Converted | Promise<Converted | typeof SKIPPED> {
    try {
      const bytes = this.#convert(stage, record);
      return bytes instanceof Promise ? this.#awaited(stage, record, bytes) : bytes;
    } catch (error) {
      return this.#failed(stage, record, error);
    }
  }

  #convert(stage: ConverterStage, record: SourceRecord): Converted | Promise<Converted> {
    const { topic, key, keySchema, value, valueSchema } = record;
    const { converter } = this.#converterOf(stage);
    return stage === 'KEY_CONVERTER'
      ? converter.fromConnect(topic, keySchema, key)
      : converter.fromConnect(topic, valueSchema, value);
  }

  #converterOf(stage: ConverterStage): Converters['key'] {
    return stage === 'KEY_CONVERTER' ? this.#converters.key : this.#converters.value;
  }

  #awaited(
    stage: ConverterStage,
    record: SourceRecord,
    bytes: Promise<Converted>,
  ): Promise<Converted | typeof SKIPPED> {
    return bytes.catch((error: unknown) => this.#failed(stage, record, error));
  }

  #failed(stage: ConverterStage, record: SourceRecord, error: unknown): Promise<Converted | typeof SKIPPED> {
    const plugin = this.#converterOf(stage).class;
    return this.#errors.handle({ stage, plugin, error, place: placeOf(record), record }, () =>
      this.#convert(stage, record),
    );
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
