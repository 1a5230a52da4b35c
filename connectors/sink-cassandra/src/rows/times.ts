import type { SinkRecord } from '@tributary/api';
import type { TableSettings } from '../settings/table-settings.ts';
import { convertUnit, microsecondsOf } from '../settings/units.ts';
import type { TimeSource } from '../time/partition-clock.ts';
import { recordReader } from './sources.ts';
import { wholeNumber } from './ttl.ts';

/** So far that a clock can run on without losing digits. */
const LATEST = Number.MAX_SAFE_INTEGER - 1e12;

const inRange = (microseconds: number): number | undefined =>
  Math.abs(microseconds) <= LATEST ? microseconds : undefined;

/** The timestamps that Kafka gives records. */
export const RECORD_TIME: TimeSource = {
  name: '',
  width: 1000,
  read: ({ timestamp }) => (timestamp === null ? null : inRange(timestamp * 1000)),
};

/** Where the write times of a table come from. */
export const timeSourceName = ({ mapping, timestampTimeUnit }: TableSettings): string =>
  mapping?.timestamp == null ? RECORD_TIME.name : `${mapping.timestamp} ${timestampTimeUnit}`;

/** All that the tables need, each once. */
export function timeSources(tables: readonly TableSettings[]): readonly TimeSource[] {
  const sources = new Map<string, TimeSource>([[RECORD_TIME.name, RECORD_TIME]]);
  for (const table of tables) {
    const name = timeSourceName(table);
    if (!sources.has(name)) sources.set(name, fieldTime(name, table));
  }
  return [...sources.values()];
}

function fieldTime(name: string, { mapping, timestampTimeUnit: unit }: TableSettings): TimeSource {
  const read = recordReader(mapping!.timestamp!);
  return {
    name,
    width: microsecondsOf(unit),
    read(record: SinkRecord) {
      const value = read(record);
      if (value instanceof Date) return inRange(value.getTime() * 1000);
      try {
        return inRange(Number(convertUnit(wholeNumber(value), unit, 'MICROSECONDS')));
      } catch {
        return undefined;
      }
    },
  };
}
