import { DataError } from '../errors.ts';
import { floorMod } from './calendar.ts';

/** A zone of the time zone database, or an offset such as `+02:00`. */
export interface TimeZone {
  readonly name: string;
  /** Milliseconds east of Greenwich at a moment. */
  offsetAt(millis: number): number;
  /** What the zone is called at a moment: `CEST`, or `Central European Summer Time`. */
  labelAt(millis: number, long: boolean): string;
}

/** No zone changes its offset but at a full quarter of an hour. */
const QUARTER = 900_000;
/** Before it zones had local mean times to the second, which are looked up each time. */
const FIRST_CACHED = Date.UTC(1973, 0, 1);

export const UTC: TimeZone = {
  name: 'UTC',
  offsetAt: () => 0,
  labelAt: (_millis, long) => (long ? 'Coordinated Universal Time' : 'UTC'),
};

/** @param name such as `Europe/Zurich`, `America/New_York`, `+05:30` or `UTC` @throws DataError for a name that is none */
export function timeZone(name: string): TimeZone {
  if (name === 'UTC') return UTC;
  let fields: Intl.DateTimeFormat;
  try {
    fields = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    throw new DataError(`'${name}' is no time zone; use a name such as Europe/Zurich, or an offset such as +02:00`, {
      cause: error,
    });
  }
  let [knownQuarter, knownOffset] = [Number.NaN, 0];
  return {
    name,
    offsetAt(millis) {
      const quarter = Math.floor(millis / QUARTER);
      if (quarter === knownQuarter) return knownOffset;
      const offset = offsetOf(fields, millis);
      if (millis >= FIRST_CACHED) [knownQuarter, knownOffset] = [quarter, offset];
      return offset;
    },
    labelAt: (millis, long) => labelOf(name, millis, long),
  };
}

function offsetOf(format: Intl.DateTimeFormat, millis: number): number {
  const part = new Map(format.formatToParts(new Date(millis)).map(({ type, value }) => [type, value]));
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(part.get(type));
  const year = part.get('era') === 'BC' ? 1 - number('year') : number('year');
  const local = new Date(0);
  local.setUTCFullYear(year, number('month') - 1, number('day'));
  local.setUTCHours(number('hour'), number('minute'), number('second'));
  return local.getTime() - (millis - floorMod(millis, 1000));
}

/** British English has short names for Europe's zones, American English for America's; others are shown as an offset. */
function labelOf(timeZone: string, millis: number, long: boolean): string {
  const labels = ['en-US', 'en-GB'].map((locale) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: long ? 'long' : 'short' });
    return format.formatToParts(new Date(millis)).find(({ type }) => type === 'timeZoneName')!.value;
  });
  return labels.find((label) => !label.startsWith('GMT')) ?? labels[0]!;
}
