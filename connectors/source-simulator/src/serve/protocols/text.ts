import type { Trade } from '../protocol.ts';

/** A trade's time in microseconds since the epoch. */
export const microsOf = ({ time, micros = 123 }: Pick<Trade, 'time' | 'micros'>): number => time * 1000 + micros;

/** A trade's time with microseconds, as feeds write it. */
export const iso = ({ time, micros = 123 }: Pick<Trade, 'time' | 'micros'>): string =>
  new Date(time).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`);

/** The time of an answer. */
export const isoNow = (): string => iso({ time: Date.now(), micros: 0 });

/** What a message has under a key, where that should be a list of texts. */
export const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

/** A whole number of a query, within bounds; the default where there is none. */
export function wholeOf(query: URLSearchParams, key: string, preset: number, most: number): number {
  const value = Number(query.get(key) ?? preset);
  return Number.isSafeInteger(value) && value > 0 ? Math.min(value, most) : preset;
}
