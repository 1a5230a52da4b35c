/** How the rate changes over time; `rate` is the most there ever is. */
export type Profile = 'constant' | 'ramp' | 'burst' | 'intraday';

export interface Load {
  /** Ticks a second at the peak. */
  readonly rate: number;
  readonly profile: Profile;
  /** After so many seconds a ramp or a burst begins anew, counted from 1970. */
  readonly period: number;
  /** From 0 to 1: the part of a tick by which this stream is ahead, so that slow streams take turns. */
  readonly phase: number;
}

export const SECONDS = 60;
const DAY = 86_400;
/** The part of the rate at which a ramp begins, and which is left between bursts. */
const BASE = 0.1;
/** The part of a period that a burst takes. */
const BURST = 0.1;

/** Trade by the time of day (UTC): much at the beginning and the end of the day, little at its middle. Its mean is 1. */
export function intradayCurve(second: number): number {
  const x = (2 * (((second % DAY) + DAY) % DAY)) / DAY - 1;
  return 0.4 + 1.8 * x * x;
}

const PEAK = intradayCurve(0);

/** The part of the peak rate at a second since 1970. */
export function loadAt({ profile, period }: Load, second: number): number {
  const phase = (((second % period) + period) % period) / period;
  switch (profile) {
    case 'constant':
      return 1;
    case 'ramp':
      return BASE + (1 - BASE) * phase;
    case 'burst':
      return phase < BURST ? 1 : BASE;
    case 'intraday':
      return intradayCurve(second) / PEAK;
  }
}

/** Ticks before each second of a minute: element s counts those of the seconds before s, the last is the minute's total. */
export function ticksBefore(load: Load, minute: number, into: Float64Array): void {
  into[0] = 0;
  for (let s = 0; s < SECONDS; s++) {
    const second = minute * SECONDS + s;
    const perSecond = load.rate * loadAt(load, second);
    // The difference of two totals, so that fractions of a tick are made up for in later seconds.
    into[s + 1] =
      into[s]! + Math.floor(perSecond * (second + 1) + load.phase) - Math.floor(perSecond * second + load.phase);
  }
}
