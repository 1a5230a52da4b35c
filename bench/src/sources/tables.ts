import { markdown, median } from '../side-by-side/summary.ts';
import { CONTESTANTS } from './contestant.ts';
import type { SourceRun } from './run.ts';

interface Figure {
  readonly key: keyof SourceRun;
  readonly title: string;
  show(value: number): string;
}

const thousands = (value: number): string => Math.round(value).toLocaleString('en');
const megabytes = (value: number): string => (value / 1e6).toFixed(0);
const fixed =
  (digits: number) =>
  (value: number): string =>
    value.toFixed(digits);

const FIGURES: readonly Figure[] = [
  { key: 'recordsPerSecond', title: 'records/s', show: thousands },
  { key: 'cpuMicrosPerRecord', title: 'CPU us/rec', show: fixed(1) },
  { key: 'brokerCpuMicrosPerRecord', title: "broker's", show: fixed(1) },
  { key: 'peakRssBytes', title: 'peak RSS MB', show: megabytes },
  { key: 'p50Ms', title: 'p50 ms', show: fixed(1) },
  { key: 'p99Ms', title: 'p99 ms', show: fixed(1) },
  { key: 'p999Ms', title: 'p99.9 ms', show: fixed(1) },
  { key: 'cpuMicrosPerRecordAtRate', title: 'CPU us/rec at rate', show: fixed(1) },
  { key: 'brokerCpuMicrosPerRecordAtRate', title: "broker's at rate", show: fixed(1) },
  { key: 'rssBytesAtRate', title: 'RSS MB at rate', show: megabytes },
  { key: 'feedLateMs', title: 'sent late ms', show: fixed(0) },
  { key: 'loadBefore', title: 'load', show: fixed(1) },
];

/** Medians by scenario and contestant, and what of the bare loop's ours are. */
export function sourcesTable(runs: readonly SourceRun[]): string {
  const rows = [...Map.groupBy(runs, ({ scenario }) => scenario)].flatMap(([scenario, own]) => {
    const medians = new Map(
      [...Map.groupBy(own, ({ contestant }) => contestant)].map(([contestant, list]) => [
        contestant,
        FIGURES.map(({ key }) => median(list.map((run) => Number(run[key]))) ?? Number.NaN),
      ]),
    );
    const present = CONTESTANTS.filter((contestant) => medians.has(contestant));
    const bare = medians.get('bare');
    return [
      ...present.map((name) => [scenario, name, ...FIGURES.map(({ show }, i) => show(medians.get(name)![i]!))]),
      ...present
        .filter((name) => bare && name !== 'bare')
        .map((name) => [
          scenario,
          `${name} / bare`,
          ...FIGURES.map((_, i) => (medians.get(name)![i]! / bare![i]!).toFixed(2)),
        ]),
    ];
  });
  return markdown(['scenario', 'medians', ...FIGURES.map(({ title }) => title)], rows);
}
