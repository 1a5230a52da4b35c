import { NO_HEADERS, Schema, type SourceRecord } from '@tributary/api';

const keySchema = Schema.string();

/** A record keyed by symbol, so that what happens to a symbol stays in order, with a time of the value as its timestamp. */
export const symbolRecord = (
  topic: string,
  value: { readonly symbol: string },
  valueSchema: Schema,
  time: Date,
): SourceRecord => ({
  topic,
  partition: null,
  key: value.symbol,
  keySchema,
  value,
  valueSchema,
  timestamp: time.getTime(),
  headers: NO_HEADERS,
  sourcePartition: null,
  sourceOffset: null,
});
