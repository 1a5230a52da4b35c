import { type Figure, figuresTable, fixed, megabytes } from '../side-by-side/figures.ts';
import { thousands } from '../side-by-side/summary.ts';
import { CONTESTANTS } from './contestant.ts';
import type { Latency } from './latency.ts';
import type { Throughput } from './throughput.ts';

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

export const throughputTable = (runs: readonly Throughput[]): string =>
  figuresTable(runs, 'store', CONTESTANTS, THROUGHPUT);
export const latencyTable = (runs: readonly Latency[]): string => figuresTable(runs, 'store', CONTESTANTS, LATENCY);
