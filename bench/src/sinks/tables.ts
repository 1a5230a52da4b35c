import { markdown, median } from '../side-by-side/summary.ts';
import type { Latency } from './latency.ts';
import type { Throughput } from './throughput.ts';

type Figure<T> = { readonly key: keyof T; readonly title: string; show(value: number): string };

const thousands = (value: number): string => Math.round(value).toLocaleString('en');
const megabytes = (value: number): string => (value / 1e6).toFixed(0);
const fixed =
  (digits: number) =>
  (value: number): string =>
    value.toFixed(digits);

const THROUGHPUT: readonly Figure<Throughput>[] = [
  { key: 'recordsPerSecond', title: 'records/s', show: thousands },
  { key: 'cpuMicrosPerRecord', title: 'CPU us/rec', show: fixed(1) },
  { key: 'storeCpuMicrosPerRecord', title: 'store CPU us/rec', show: fixed(1) },
  { key: 'peakRssBytes', title: 'RSS MB', show: megabytes },
  { key: 'firstSeconds', title: 'first s', show: fixed(2) },
  { key: 'loadBefore', title: 'load', show: fixed(1) },
];

const LATENCY: readonly Figure<Latency>[] = [
  { key: 'keptUp', title: 'kept up', show: fixed(2) },
  { key: 'p50Ms', title: 'p50 ms', show: fixed(0) },
  { key: 'p99Ms', title: 'p99 ms', show: fixed(0) },
  { key: 'p999Ms', title: 'p99.9 ms', show: fixed(0) },
  { key: 'maxMs', title: 'max ms', show: fixed(0) },
  { key: 'cpu', title: 'CPU', show: fixed(2) },
  { key: 'storeCpu', title: 'store CPU', show: fixed(2) },
  { key: 'peakRssBytes', title: 'RSS MB', show: megabytes },
  { key: 'sendLagMs', title: 'sent late ms', show: fixed(0) },
  { key: 'loadBefore', title: 'load', show: fixed(1) },
];

export const throughputTable = (runs: readonly Throughput[]): string => table(runs, THROUGHPUT);
export const latencyTable = (runs: readonly Latency[]): string => table(runs, LATENCY);

/** Medians by store and contestant, and what of the bare driver's ours are. Empty without runs. */
function table<T extends Throughput | Latency>(runs: readonly T[], figures: readonly Figure<T>[]): string {
  if (runs.length === 0) return '';
  const rows = [...Map.groupBy(runs, ({ store }) => store)].flatMap(([store, own]) => {
    const medians = [...Map.groupBy(own, ({ contestant }) => contestant)].map(([contestant, list]) => ({
      contestant,
      values: figures.map(({ key }) => median(list.map((run) => Number(run[key]))) ?? Number.NaN),
    }));
    const lines = medians.map(({ contestant, values }) => [
      store,
      contestant,
      ...figures.map(({ show }, i) => show(values[i]!)),
    ]);
    const [bare, ours] = ['bare', 'tributary'].map((name) => medians.find(({ contestant }) => contestant === name));
    if (!bare || !ours) return lines;
    return [
      ...lines,
      [store, 'tributary / bare', ...figures.map((_, i) => (ours.values[i]! / bare.values[i]!).toFixed(2))],
    ];
  });
  return markdown(['store', 'medians', ...figures.map(({ title }) => title)], rows);
}
