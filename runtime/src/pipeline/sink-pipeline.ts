import { type Header, NO_HEADERS, type SchemaAndValue, type SinkRecord } from '@tributary/api';
import type { RecordRead } from '../broker/port.ts';
import type { Chain } from './chain.ts';
import type { Converters } from './converters.ts';
import { type ErrorHandler, type RecordPlace, SKIPPED, type Stage } from './errors.ts';
import { withOriginal } from './original.ts';

/** The place in Kafka that a record came from, whatever transforms made of it. */
export const sinkPlace = (record: SinkRecord): RecordPlace => ({
  topic: record.originalTopic,
  partition: record.originalPartition,
  offset: record.originalOffset,
});

const readPlace = ({ topic, partition, offset }: RecordRead): RecordPlace => ({ topic, partition, offset });

type Converted = SchemaAndValue | typeof SKIPPED;

/** The way of records from the consumer to a sink task: converters, then transforms. */
export class SinkPipeline {
  readonly #chain: Chain;
  readonly #converters: Converters;
  readonly #errors: ErrorHandler;

  readonly #make: typeof sinkRecord;

  /** @param keepOriginals whether records carry the bytes that they were read as, for a dead letter queue */
  constructor(chain: Chain, converters: Converters, errors: ErrorHandler, keepOriginals = false) {
    this.#chain = chain;
    this.#converters = converters;
    this.#errors = errors;
    this.#make = keepOriginals
      ? (raw, key, value, headers) => withOriginal(sinkRecord(raw, key, value, headers), raw)
      : sinkRecord;
  }

  /** @throws ToleranceExceededError */
  async process(records: readonly RecordRead[]): Promise<readonly SinkRecord[]> {
    const { key: keys, value: values } = this.#converters;
    const converted: SinkRecord[] = [];
    for (const raw of records) {
      // One after the other, as in Java: a record that fails at one stage does not reach the next, and is reported once.
      const key = this.#convert('KEY_CONVERTER', keys, raw, raw.key);
      const readyKey = key instanceof Promise ? await key : key;
      if (readyKey === SKIPPED) continue;
      const value = this.#convert('VALUE_CONVERTER', values, raw, raw.value);
      const readyValue = value instanceof Promise ? await value : value;
      if (readyValue === SKIPPED) continue;
      const headers = raw.headers.length === 0 ? NO_HEADERS : this.#headers(raw);
      const readyHeaders = headers instanceof Promise ? await headers : headers;
      if (readyHeaders === SKIPPED) continue;
      converted.push(this.#make(raw, readyKey, readyValue, readyHeaders));
    }
    return this.#chain.length === 0 ? converted : this.#chain.apply(converted, this.#errors, sinkPlace);
  }

  #convert(
    stage: Stage,
    named: Converters['key'],
    raw: RecordRead,
    bytes: Uint8Array | null,
  ): SchemaAndValue | Promise<Converted> {
    const { class: plugin, converter } = named;
    const convert = (): SchemaAndValue | Promise<SchemaAndValue> => converter.toConnect(raw.topic, bytes);
    try {
      const value = convert();
      if (!(value instanceof Promise)) return value;
      return value.catch((error: unknown) =>
        this.#errors.handle({ stage, plugin, error, place: readPlace(raw), record: raw }, convert),
      );
    } catch (error) {
      return this.#errors.handle({ stage, plugin, error, place: readPlace(raw), record: raw }, convert);
    }
  }

  #headers(raw: RecordRead): readonly Header[] | Promise<readonly Header[] | typeof SKIPPED> {
    const { class: plugin, converter } = this.#converters.header;
    const convert = (): readonly Header[] =>
      raw.headers.map(({ key, value }) => {
        const { schema, value: decoded } = converter.toConnectHeader(raw.topic, key, value);
        return { key, value: decoded, schema };
      });
    try {
      return convert();
    } catch (error) {
      return this.#errors.handle(
        { stage: 'HEADER_CONVERTER', plugin, error, place: readPlace(raw), record: raw },
        convert,
      );
    }
  }
}

function sinkRecord(
  raw: RecordRead,
  key: SchemaAndValue,
  value: SchemaAndValue,
  headers: readonly Header[],
): SinkRecord {
  return {
    topic: raw.topic,
    partition: raw.partition,
    key: key.value,
    keySchema: key.schema,
    value: value.value,
    valueSchema: value.schema,
    timestamp: raw.timestamp < 0 ? null : raw.timestamp,
    headers,
    offset: raw.offset,
    timestampType: raw.timestampType,
    originalTopic: raw.topic,
    originalPartition: raw.partition,
    originalOffset: raw.offset,
  };
}
