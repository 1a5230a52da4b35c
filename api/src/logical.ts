import { DataError } from './errors.ts';
import { LogicalName, type Schema } from './schema.ts';
import { MILLIS_PER_DAY } from './text/calendar.ts';

/** The logical types whose values are a Date, without the package of their names. */
export type DateType = 'Date' | 'Time' | 'Timestamp';

/** Which of the logical types with a Date as value the schema is, if any. */
export function dateTypeOf(schema: Schema): DateType | null {
  switch (schema.name) {
    case LogicalName.date:
      return 'Date';
    case LogicalName.time:
      return 'Time';
    case LogicalName.timestamp:
      return 'Timestamp';
    default:
      return null;
  }
}

/** The integer that stands for a Date: days for a date, milliseconds for the others. @throws DataError if the rest is not zero */
export function dateToInteger(type: DateType, value: Date): number {
  const time = value.getTime();
  switch (type) {
    case 'Date':
      if (time % MILLIS_PER_DAY !== 0)
        throw new DataError('Kafka Connect Date type should not have any time fields set to non-zero values.');
      return time / MILLIS_PER_DAY;
    case 'Time':
      if (time < 0 || time > MILLIS_PER_DAY)
        throw new DataError('Kafka Connect Time type should not have any date fields set to non-zero values.');
      return time;
    case 'Timestamp':
      return time;
  }
}

/** The reverse of {@link dateToInteger}. @throws DataError for a time of day outside a day */
export function dateFromInteger(type: DateType, value: number): Date {
  if (type === 'Time' && (value < 0 || value > MILLIS_PER_DAY)) {
    throw new DataError('Time values must use number of milliseconds greater than 0 and less than 86400000');
  }
  return new Date(type === 'Date' ? value * MILLIS_PER_DAY : value);
}
