import { DataError, describeValue, isDecimal, type SinkRecord } from '@tributary/api';
import type { TableSettings } from '../settings/table-settings.ts';
import { convertUnit, type TimeUnit } from '../settings/units.ts';
import { recordReader } from './sources.ts';

/** 20 years: what Cassandra takes at most. */
const MOST_SECONDS = 630_720_000;

/** Reads how many seconds a row is to live, undefined where a record does not say; null: none does. */
export function ttlReader({
  mapping,
  ttl,
  ttlTimeUnit,
}: TableSettings): ((record: SinkRecord) => number | undefined) | null {
  const fixed = ttl === null ? undefined : secondsOf(BigInt(ttl), ttlTimeUnit);
  const path = mapping?.ttl ?? null;
  if (path === null) return ttl === null ? null : () => fixed;
  const read = recordReader(path);
  return (record) => {
    const value = read(record);
    if (value === undefined || value === null) return fixed;
    try {
      return secondsOf(wholeNumber(value), ttlTimeUnit);
    } catch (error) {
      throw new DataError(`__ttl (${path}): ${(error as Error).message}`, { cause: error });
    }
  };
}

/** A number, or text that is one; @throws DataError for what has a fraction or is none */
export function wholeNumber(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^[+-]?\d+$/.test(value.trim())) return BigInt(value);
  if (isDecimal(value) && value.scale === 0) return value.unscaled;
  throw new DataError(`it takes a whole number, not ${describeValue(value)}`);
}

/** Parts of a second count as one: 0 would mean for good. */
function secondsOf(amount: bigint, unit: TimeUnit): number {
  const seconds = -convertUnit(-amount, unit, 'SECONDS');
  if (seconds < 0n || seconds > MOST_SECONDS)
    throw new DataError(`${amount} ${unit.toLowerCase()} are no time to live: it is 0 to ${MOST_SECONDS} seconds`);
  return Number(seconds);
}
