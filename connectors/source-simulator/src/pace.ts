import type { Clock } from '@tributary/api';

/** Says up to when ticks are due. Times are in microseconds since 1970. */
export interface Pace {
  /** `next` is the time of the earliest tick not made yet. */
  due(next: number): number;
}

/** Ticks happen when their time comes; those of the past are due at once. */
export const wallPace = (clock: Clock): Pace => ({ due: () => clock.now() * 1000 + 999 });

/** No more than this is made up for after a time without ticks (a pause, a slow broker). Microseconds. */
const LAG = 1_000_000;

/** Time goes on from where the stream is as fast as real time, but stands still while nothing is taken. */
export function virtualPace(clock: Clock, start: number): Pace {
  let offset = start - clock.now() * 1000;
  return {
    due(next) {
      const now = clock.now() * 1000;
      if (now + offset - next > LAG) offset = next + LAG - now;
      return now + offset;
    },
  };
}
