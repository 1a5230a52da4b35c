import type { Figures } from './measure.ts';
import type { Contestant, Run } from './run.ts';

/** The figures of which medians and ratios are told, each with its heading and unit. */
const COLUMNS = [
  { key: 'restSeconds', title: 'REST s', show: (value: number) => value.toFixed(2) },
  { key: 'firstSeconds', title: 'first s', show: (value: number) => value.toFixed(2) },
  { key: 'doneSeconds', title: 'done s', show: (value: number) => value.toFixed(2) },
  { key: 'overallPerSecond', title: 'records/s', show: thousands },
  { key: 'flowPerSecond', title: 'after first', show: thousands },
  { key: 'cpuSeconds', title: 'CPU s', show: (value: number) => value.toFixed(2) },
  { key: 'cpuMicrosPerRecord', title: 'CPU us/rec', show: (value: number) => value.toFixed(2) },
  { key: 'peakRssBytes', title: 'RSS MB', show: (value: number) => (value / 1e6).toFixed(0) },
] as const satisfies ReadonlyArray<{ key: keyof Figures; title: string; show(value: number): string }>;

type Column = (typeof COLUMNS)[number]['key'];

/** The columns that say something about runs with hardly any records. */
export const START_COLUMNS: readonly Column[] = ['restSeconds', 'firstSeconds', 'cpuSeconds', 'peakRssBytes'];
export const ALL_COLUMNS: readonly Column[] = COLUMNS.map(({ key }) => key);

type Medians = Readonly<Record<Column, number | null>>;

export interface Summary {
  readonly scenario: string;
  /** By contestant. */
  readonly medians: Readonly<Record<string, Medians>>;
  readonly ratios: ReadonlyArray<{ readonly of: string; readonly to: string; readonly ratios: Medians }>;
}

/** A median divided by another. */
export interface Comparison {
  readonly of: Contestant;
  readonly to: Contestant;
}

export function summarize(runs: readonly Run[], comparisons: readonly Comparison[]): readonly Summary[] {
  return [...Map.groupBy(runs, (run) => run.scenario)].map(([scenario, own]) => {
    const medians = Object.fromEntries(
      [...Map.groupBy(own, (run) => run.contestant)].map(([name, list]) => [name, mediansOf(list)]),
    );
    const ratios = comparisons.flatMap(({ of, to }) => {
      const [above, below] = [medians[of.name], medians[to.name]];
      return above && below ? [{ of: of.name, to: to.name, ratios: divided(above, below) }] : [];
    });
    return { scenario, medians, ratios };
  });
}

function mediansOf(runs: readonly Run[]): Medians {
  return byColumn((key) => median(runs.flatMap(({ figures }) => figures[key] ?? [])));
}

function divided(above: Medians, below: Medians): Medians {
  return byColumn((key) => {
    const [top, bottom] = [above[key], below[key]];
    return top === null || !bottom ? null : top / bottom;
  });
}

function byColumn(value: (key: Column) => number | null): Medians {
  return Object.fromEntries(COLUMNS.map(({ key }) => [key, value(key)])) as Record<Column, number | null>;
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value below which that share of the others is. NaN of none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function thousands(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** A Markdown table of medians and, below them, ratios. */
export function table(summaries: readonly Summary[], shown: readonly Column[] = ALL_COLUMNS): string {
  const columns = COLUMNS.filter(({ key }) => shown.includes(key));
  const rows = summaries.flatMap(({ scenario, medians, ratios }) => [
    ...Object.entries(medians).map(([name, own]) => [
      scenario,
      name,
      ...columns.map(({ key, show }) => (own[key] === null ? '-' : show(own[key]))),
    ]),
    ...ratios.map(({ of, to, ratios: own }) => [
      scenario,
      `${of} / ${to}`,
      ...columns.map(({ key }) => (own[key] === null ? '-' : own[key].toFixed(2))),
    ]),
  ]);
  return markdown(['scenario', 'medians', ...columns.map(({ title }) => title)], rows);
}

/** A Markdown table whose first two columns are text and whose others are numbers. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i < 2 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
