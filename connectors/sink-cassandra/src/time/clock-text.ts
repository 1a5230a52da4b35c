import { MOST_RUNS, type Run } from './write-clock.ts';

/** The states of a partition's clocks, by their names. */
export type ClockStates = ReadonlyMap<string, readonly Run[]>;

/** Kafka keeps 4,096 bytes with an offset by default (`offset.metadata.max.bytes`). */
const MOST_BYTES = 4000;
const RUN_BYTES = 30;
const VERSION = 1;

/** How many timestamps each of so many clocks may remember for all to fit. */
export const runsFor = (names: readonly string[]): number => {
  const overhead = names.reduce((sum, name) => sum + JSON.stringify(name).length + 8, 40);
  return Math.max(
    2,
    Math.min(MOST_RUNS, Math.floor((MOST_BYTES - overhead) / (RUN_BYTES * Math.max(1, names.length)))),
  );
};

/** The states as text, to be kept with a committed offset. */
export function writeClocks(states: ClockStates): string {
  const clocks = [...states].map(([name, runs]) => [
    name,
    ...runs.map(({ base, first, last }) => [base, first - base, last - first]),
  ]);
  return JSON.stringify({ clock: VERSION, clocks });
}

const isRun = (item: unknown): item is [number, number, number] =>
  Array.isArray(item) && item.length === 3 && item.every((part) => Number.isSafeInteger(part));

/** The reverse of {@link writeClocks}; null for text that somebody else has left. */
export function readClocks(text: string | null | undefined): ClockStates | null {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    return null;
  }
  const { clock, clocks } = (value ?? {}) as { clock?: unknown; clocks?: unknown };
  if (clock !== VERSION || !Array.isArray(clocks)) return null;
  const states = new Map<string, Run[]>();
  for (const entry of clocks) {
    if (!Array.isArray(entry)) return null;
    const [name, ...runs] = entry as unknown[];
    if (typeof name !== 'string' || !runs.every(isRun)) return null;
    states.set(
      name,
      runs.map(([base, ahead, length]) => ({ base, first: base + ahead, last: base + ahead + length })),
    );
  }
  return states;
}
