import { combine, hash, uniform } from '../random.ts';

/** What goes wrong, and how often. Times are means over all connections, in milliseconds; probabilities are of each trade. 0: never. */
export interface Faults {
  /** The server closes a connection. */
  readonly disconnectMs: number;
  /** Nothing comes over a connection for `stallForMs`; then what happened meanwhile. Pings are answered. */
  readonly stallMs: number;
  readonly stallForMs: number;
  /** A connection stays, but the server does not know of it any more. */
  readonly halfOpenMs: number;
  /** A trade comes twice. */
  readonly duplicate: number;
  /** A trade comes behind later ones of its symbol. */
  readonly reorder: number;
  /** A trade does not come, but the REST API knows it. */
  readonly gap: number;
  /** A trade does not come, and the REST API does not know it. */
  readonly lost: number;
  /** There is a broken message besides. */
  readonly malformed: number;
  /** A handshake or request is answered with 429. */
  readonly http429: number;
}

export const NO_FAULTS: Faults = {
  disconnectMs: 0,
  stallMs: 0,
  stallForMs: 5000,
  halfOpenMs: 0,
  duplicate: 0,
  reorder: 0,
  gap: 0,
  lost: 0,
  malformed: 0,
  http429: 0,
};

const TIMES = { disconnect: 'disconnectMs', stall: 'stallMs', 'half-open': 'halfOpenMs' } as const;
const CHANCES = ['duplicate', 'reorder', 'gap', 'lost', 'malformed', 'http429'] as const;

/** What can be asked for at once, on each connection. */
export const AT_ONCE = ['disconnect', 'stall', 'half-open'] as const;
export type AtOnce = (typeof AT_ONCE)[number];

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `500ms`, `30s`, `2m`, `24h`, `7d`; null if it is none of these. */
export function durationMs(text: string): number | null {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  return number && unit ? Number(number) * UNITS[unit]! : null;
}

/**
 * Reads `disconnect=30s,stall=60s/5s,gap=0.001`; empty or `none` for none.
 * @throws Error that says what is wrong
 */
export function parseFaults(text: string): Faults {
  const faults = { ...NO_FAULTS };
  if (text.trim() === '' || text.trim() === 'none') return faults;
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.trim().split('=');
    const chance = CHANCES.find((one) => one === name);
    if (chance) {
      const probability = value === '' ? Number.NaN : Number(value);
      if (!(probability >= 0 && probability <= 1))
        throw new Error(`${name} takes a probability from 0 to 1, as in ${name}=0.01, and not '${value}'`);
      faults[chance] = probability;
    } else if (name in TIMES) {
      const [every = '', lasts] = value.split('/');
      const [mean, length] = [every === '0' ? 0 : durationMs(every), lasts === undefined ? 5000 : durationMs(lasts)];
      if (mean === null || length === null || (lasts !== undefined && name !== 'stall'))
        throw new Error(
          `${name} takes the mean time between two, as in ${name}=${name === 'stall' ? '60s/5s' : '30s'}, and not '${value}'`,
        );
      faults[TIMES[name as AtOnce]] = mean;
      if (name === 'stall') faults.stallForMs = length;
    } else throw new Error(`there is no fault '${name}'; there are ${[...Object.keys(TIMES), ...CHANCES].join(', ')}`);
  }
  return faults;
}

/** The faults as they are written. */
export function faultsText(faults: Faults): string {
  const times = Object.entries(TIMES).flatMap(([name, key]) => {
    const lasts = name === 'stall' ? `/${faults.stallForMs}ms` : '';
    return faults[key] > 0 ? [`${name}=${faults[key]}ms${lasts}`] : [];
  });
  return [...times, ...CHANCES.flatMap((name) => (faults[name] > 0 ? [`${name}=${faults[name]}`] : []))].join(',');
}

/** Draws that follow from the seed: for one feed, one kind of fault, and what it is about. From 0 to 1. */
export type Draw = (kind: string, ...about: ReadonlyArray<string | number>) => number;

export function drawOf(seed: number, feed: string): Draw {
  const own = combine(hash(seed), hash(feed));
  return (kind, ...about) =>
    uniform(about.reduce<number>((key, one) => combine(key, hash(one)), combine(own, hash(kind))));
}

/** A time of an exponential distribution. Milliseconds. */
export const exponential = (draw: number, meanMs: number): number => -Math.log1p(-draw) * meanMs;
