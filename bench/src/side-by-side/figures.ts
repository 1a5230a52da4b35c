import { markdown, median } from './summary.ts';

/** A number of runs of which medians and ratios are told, with its heading and unit. */
export interface Figure<T> {
  readonly key: keyof T;
  readonly title: string;
  show(value: number): string;
}

export const megabytes = (value: number): string => (value / 1e6).toFixed(0);
export const fixed =
  (digits: number) =>
  (value: number): string =>
    value.toFixed(digits);

/** Medians of what was measured by `by` and contestant, and what of the bare loop's ours are. Empty without runs. */
export function figuresTable<T extends { readonly contestant: string }>(
  runs: readonly T[],
  by: keyof T & string,
  contestants: readonly string[],
  figures: readonly Figure<T>[],
): string {
  if (runs.length === 0) return '';
  const rows = [...Map.groupBy(runs, (run) => String(run[by]))].flatMap(([name, own]) => {
    const medians = new Map(
      [...Map.groupBy(own, ({ contestant }) => contestant)].map(([contestant, list]) => [
        contestant,
        figures.map(({ key }) => median(list.map((run) => Number(run[key]))) ?? Number.NaN),
      ]),
    );
    const present = contestants.flatMap((contestant) => {
      const values = medians.get(contestant);
      return values ? [{ contestant, values }] : [];
    });
    const bare = medians.get('bare');
    return [
      ...present.map(({ contestant, values }) => [name, contestant, ...figures.map(({ show }, i) => show(values[i]!))]),
      ...present
        .filter(({ contestant }) => bare && contestant !== 'bare')
        .map(({ contestant, values }) => [
          name,
          `${contestant} / bare`,
          ...values.map((value, i) => (value / bare![i]!).toFixed(2)),
        ]),
    ];
  });
  return markdown([by, 'medians', ...figures.map(({ title }) => title)], rows);
}
