import { type Header, NO_HEADERS, Schema } from '@tributary/api';
import { combine, hash, uniform } from './random.ts';

/** The header that labels the ticks of an anomaly with its kind. */
export const ANOMALY_HEADER = 'tributary.anomaly';

/**
 * - `spike`: the price jumps by 1 to 3 % and falls back within 2 seconds.
 * - `flash_crash`: the price falls by 5 to 10 % and recovers, all within 20 seconds.
 * - `volume_surge`: for 25 seconds sizes are 10 to 30 times the usual ones.
 */
export type AnomalyKind = 'spike' | 'flash_crash' | 'volume_surge';

export interface Anomaly {
  readonly kind: AnomalyKind;
  /** Milliseconds from the beginning of the minute. An anomaly ends before its minute does. */
  readonly from: number;
  readonly until: number;
  /** How much the price moves at the peak (0.02: 2 % up); for a volume surge, the factor of the size. */
  readonly strength: number;
  readonly headers: readonly Header[];
}

interface Traits {
  readonly kind: AnomalyKind;
  readonly duration: number;
  readonly strength: (draw: number) => number;
}

const KINDS: readonly Traits[] = [
  { kind: 'spike', duration: 2000, strength: (draw) => (draw < 0.5 ? -0.01 - 0.04 * draw : -0.01 + 0.04 * draw) },
  { kind: 'flash_crash', duration: 20_000, strength: (draw) => -0.05 - 0.05 * draw },
  { kind: 'volume_surge', duration: 25_000, strength: (draw) => 10 + 20 * draw },
];

const HEADERS: Readonly<Record<AnomalyKind, readonly Header[]>> = {
  spike: label('spike'),
  flash_crash: label('flash_crash'),
  volume_surge: label('volume_surge'),
};

function label(kind: AnomalyKind): readonly Header[] {
  return Object.freeze([Object.freeze({ key: ANOMALY_HEADER, value: kind, schema: Schema.string() })]);
}

/** The symbol's anomaly in a minute, or null; there is at most one. `probability` is that of a minute having one. */
export function anomalyIn(key: number, minute: number, probability: number): Anomaly | null {
  if (probability === 0) return null;
  const own = combine(combine(key, 0x0d2b4c91), hash(minute));
  if (uniform(own) >= probability) return null;
  const { kind, duration, strength } = KINDS[Math.floor(uniform(combine(own, 1)) * KINDS.length)]!;
  const from = Math.floor(uniform(combine(own, 2)) * (60_000 - duration));
  return { kind, from, until: from + duration, strength: strength(uniform(combine(own, 3))), headers: HEADERS[kind] };
}

/** The factor of the price at a moment of the anomaly. */
export function priceFactor({ kind, from, until, strength }: Anomaly, at: number): number {
  const passed = (at - from) / (until - from);
  switch (kind) {
    case 'spike':
      return 1 + strength * (1 - passed);
    case 'flash_crash':
      return 1 + strength * (passed < 1 / 3 ? passed * 3 : (1 - passed) * 1.5);
    case 'volume_surge':
      return 1;
  }
}

/** The headers of a tick that belongs to no anomaly. */
export const NO_LABEL = NO_HEADERS;
